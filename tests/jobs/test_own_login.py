"""Render is gone and all there is is a laptop: a person's own login reads the bucket."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulators.google_by_name import GoogleByName
from emulators.google_cloud import GoogleCloudFake
from emulators.google_person import Person
from emulators.storage import StorageFake
from google_stand_ins.gcloud_command import Gcloud
from jobs.accounts import BUCKET
from jobs.seeded_archive import SECOND, RestoreJob, plant, tree


@pytest.fixture
def cloud() -> Iterator[GoogleCloudFake]:
    """A project whose owner has not signed in on this machine."""
    with GoogleCloudFake() as running:
        yield running


@pytest.fixture
def storage(cloud: GoogleCloudFake) -> Iterator[StorageFake]:
    """The project's storage, which lets nobody else in."""
    who = cloud.tokens.holder
    with StorageFake([BUCKET], identify=who, owners=[cloud.operator], tokens_required=True) as fake:
        yield fake


@pytest.fixture
def laptop(
    cloud: GoogleCloudFake, storage: StorageFake, tmp_path: Path
) -> Iterator[dict[str, str]]:
    """The environment of a shell there, led to the stand-ins."""
    if shutil.which("gcloud") is None:
        pytest.skip("gcloud is not installed")
    with GoogleByName(cloud) as named:
        yield {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            **cloud.signed_out_environment(tmp_path / "gcloud"),
            **Person(cloud.operator).environment,
            **named.environment,
            "API_ENDPOINT_OVERRIDE": storage.url,
            "GCP_PROJECT_ID": "p1",
            "GCS_BUCKET_NAME": BUCKET,
        }


def test_the_history_comes_back_by_a_persons_own_login(
    laptop: dict[str, str], job: RestoreJob, storage: StorageFake, tmp_path: Path
) -> None:
    """The commands of the README's recipe; before the login, the job finds no way in."""
    plant(job.store, storage)
    job.forget_local()
    assert "credentials" in job.run("--list", **laptop).stdout
    assert not storage.calls
    gcloud = Gcloud(laptop, tmp_path, always=())
    gcloud.run("config set project p1")
    gcloud.run("auth application-default login")
    assert "number 2, made at 2026-11-21" in job.run("--list", **laptop).stdout
    done = job.run("--to", str(job.data), **laptop)
    assert done.returncode == 0, done.stdout + done.stderr
    assert tree(job.data) == SECOND
    assert {call.status for call in storage.calls} == {200}
