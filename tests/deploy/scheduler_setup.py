"""A set-up whose jobs lie on the Cloud Scheduler stand-in."""

from collections.abc import Mapping
from pathlib import Path

from google.cloud.scheduler_v1 import Job

from deploy.scheduler_client import PARENT
from deploy_settings import DeploySettings, read_settings
from emulators.scheduler_api import SchedulerFake
from scheduling.applying import apply
from scheduling.client import SchedulerClient

URL = "https://btc-backup-abc-uc.a.run.app"
BACKUP_JOB, DAILY_JOB = "btc-backup-backup-btc-logger", "btc-backup-daily-btc-logger"
LINES = {
    "GCP_PROJECT_ID": "my-project",
    "GCS_BUCKET_NAME": "my-bucket",
    "SNAPSHOT_URL": "https://logger.example.com",
}
SEVERAL = {
    "SNAPSHOT_URL": "",
    "TARGETS": "btc-logger=https://btc.example.com,eth-logger=https://eth.example.com",
}
ONE_OF_SEVERAL = {**SEVERAL, "TARGETS": "btc-logger=https://btc.example.com"}
_NONE: Mapping[str, str] = {}


def write_settings(folder: Path, lines: Mapping[str, str] = _NONE) -> Path:
    """A settings.env, with some lines of its own; an empty one is as good as none."""
    file = folder / "settings.env"
    file.write_text("".join(f"{name}={value}\n" for name, value in {**LINES, **lines}.items()))
    return file


class LateClient(SchedulerClient):
    """Lists what there was when it was last told to remember it."""

    remembered: list[Job] | None = None

    def remember(self) -> None:
        """From now on somebody else is faster."""
        self.remembered = super().jobs()

    def jobs(self) -> list[Job]:
        """What it lists."""
        return super().jobs() if self.remembered is None else self.remembered


class Setup:
    """Settings in a folder, and the project that they are of."""

    def __init__(self, folder: Path, scheduler: SchedulerFake) -> None:
        self._folder, self._scheduler = folder, scheduler
        self.client = LateClient("my-project", PARENT)
        self.changes = 0
        self.told: list[str] = []

    def settings(self, lines: Mapping[str, str] = _NONE) -> DeploySettings:
        """The settings, with these lines."""
        return read_settings(write_settings(self._folder, lines))

    def apply(
        self,
        lines: Mapping[str, str] = _NONE,
        *,
        url: str = URL,
        dry_run: bool = False,
        delete_left_over: bool = False,
    ) -> list[str]:
        """Apply the settings; the verbs and masks of the calls that were to change something."""
        before = len(self._scheduler.changes)
        self.told.clear()
        self.changes = apply(
            self.settings(lines),
            url,
            self.client,
            self.told.append,
            dry_run=dry_run,
            delete_left_over=delete_left_over,
        )
        calls = self._scheduler.changes[before:]
        return [f"{call.verb} {call.mask}".strip() for call in calls]
