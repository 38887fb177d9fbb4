"""A project of Google Cloud on loopback, which the real gcloud and `deploy/google.sh` work on."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy_settings import DeploySettings, read_settings
from emulators.gcloud_forks import GcloudForks
from emulators.google_cloud import GoogleCloudFake
from emulators.google_deployment import Deployment
from emulators.recording_gcloud import RecordingGcloud
from emulators.scheduler_api import SchedulerFake
from emulators.scheduler_clock import QUIET, Clock
from emulators.storage import StorageFake
from processes import ROOT

PROJECT, BUCKET = "your-project", "your-btc-data"
TAKEN = "somebody-elses"  # a bucket of another project
ACCOUNT = "btc-backup-{}@your-project.iam.gserviceaccount.com"
NOBODY = "http://127.0.0.1:9"  # the discard port: no logger listens there
PATIENCE_SECONDS = 300

Serve = Callable[[Deployment], str]


@dataclass
class GoogleProject:
    """The stand-ins, and the file of settings; `variables` lead programs to them."""

    folder: Path
    cloud: GoogleCloudFake
    storage: StorageFake
    scheduler: SchedulerFake
    gcloud: RecordingGcloud
    variables: dict[str, str]

    @property
    def key_file(self) -> Path:
        """Where the key for Render is written."""
        return self.folder / "render-key.json"

    @property
    def settings_file(self) -> Path:
        """What `--settings` names."""
        return self.folder / "settings.env"

    def write_settings(self, **lines: str) -> None:
        """The least that is needed, and these lines, of which an empty one is left out."""
        self.write_settings_to(self.settings_file, **lines)

    def write_settings_to(self, file: Path, **lines: str) -> None:
        """The same elsewhere."""
        least = {"GCP_PROJECT_ID": PROJECT, "GCS_BUCKET_NAME": BUCKET, "SNAPSHOT_URL": NOBODY}
        told = least | {"RENDER_KEY_FILE": str(self.key_file)} | lines
        text = "".join(f"{name}={value}\n" for name, value in told.items() if value)
        file.write_text(text)

    def run(
        self, *words: str, given: str | None = None, **settings: str
    ) -> subprocess.CompletedProcess[str]:
        """`deploy/google.sh` with these words, and settings of the environment beside the file."""
        return subprocess.run(
            [ROOT / "deploy" / "google.sh", "--settings", self.settings_file, *words],
            cwd=self.folder,
            env=self.variables | settings,
            input=given if given is not None else "",
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    def settings(self, **lines: str) -> DeploySettings:
        """Those of a file of their own, which has these lines, too."""
        file = self.folder / "changed.env"
        self.write_settings_to(file, **lines)
        return read_settings(file)

    def lead_here(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Have the test's own process work on this project."""
        for name in [name for name in os.environ if name.startswith("CLOUDSDK_")]:
            monkeypatch.delenv(name)
        for name, value in self.variables.items():
            monkeypatch.setenv(name, value)

    def changes(self) -> list[str]:
        """What was changed so far, in the project, its buckets and its jobs."""
        return [
            *(f"{call.method} {call.resource}" for call in self.cloud.changes),
            *(f"{call.verb} {call.bucket}" for call in self.storage.bucket_changes),
            *(f"{call.verb} {call.name} {call.mask}" for call in self.scheduler.changes),
        ]

    def roles(self, account: str) -> set[str]:
        """What one of the accounts may do with the bucket."""
        member = f"serviceAccount:{ACCOUNT.format(account)}"
        return self.storage.bucket(BUCKET).policy.roles_of(member)


@contextmanager
def google_project(
    folder: Path, forks: GcloudForks, serve: Serve | None = None, clock: Clock | None = None
) -> Iterator[GoogleProject]:
    """A project in which nothing was set up yet; `serve` starts what is deployed.

    `clock` is that of Cloud Scheduler, by default a quiet time that passes as it does here.
    """
    with (
        GoogleCloudFake(PROJECT, serve=serve) as cloud,
        StorageFake(
            identify=cloud.tokens.holder,
            owners=[cloud.operator],
            taken=[TAKEN],
            tokens_required=True,
            project_number=cloud.project.number,
        ) as storage,
        SchedulerFake(
            clock=clock or Clock(QUIET),
            knows_account=lambda email: email in cloud.accounts,
            signer=cloud.tokens.signer,
        ) as scheduler,
    ):
        gcloud = RecordingGcloud(folder / "bin", forks)
        variables = {
            "HOME": str(folder),
            "LANG": os.environ.get("LANG", "C.UTF-8"),
            "PATH": gcloud.path,
            "DEPLOY_PYTHON": sys.executable,
            **cloud.environment(folder / "gcloud"),
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE": f"{storage.url}/",
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDSCHEDULER": scheduler.url,
        }
        project = GoogleProject(folder, cloud, storage, scheduler, gcloud, variables)
        project.write_settings()
        yield project
