"""All that the events happen to: the platform with the real logger, function, scheduler, storage.

The platform's minute is a second, and the settings are as much shorter. All lies below one folder.
"""

import compileall
import os
import shutil
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from emulators.render import Render
from emulators.render_blueprint import described_service, service_from
from emulators.render_events import What
from emulators.render_service import TMP, Service, Times
from processes import copy_job
from soak.ledger import Ledger
from soak.moods import MoodyStorage
from soak.pulls import Pulls
from soak.sitecustomize import LEDGER
from soak.witness import Witness

BUCKET, SERVICE, TOKEN = "soak-bucket", "btc-logger", "soak-token"
INTERVAL_SECONDS = 0.25
TIMES = Times(scale=1 / 60, between_checks=6)
LOCAL_BACKUPS = "btc_backup"  # in the instance's own /tmp
INJECTED = Path(__file__).resolve().parent  # the folder that has sitecustomize.py
PARTS = ("logger_service", "restore_job", "deploy")  # what the service is made from

SETTINGS = {
    "HOST": "127.0.0.1",
    "SERVICE_NAME": SERVICE,
    "SNAPSHOT_TOKEN": TOKEN,
    "PRICE_SOURCES": "replay",
    "LOG_INTERVAL_SECONDS": str(INTERVAL_SECONDS),
    "LOCAL_BACKUP_DIR": f"{TMP}/{LOCAL_BACKUPS}",
    "BACKUP_INTERVAL_MINUTES": "0.05",
    "CATCH_UP_SECONDS": "0.5",
    "SHUTDOWN_SECONDS": "4",  # below the platform's five
    "RESTORE_TIMEOUT_SECONDS": "6",
}


class World:
    """Everything, running; a context that ends it."""

    def __init__(self, folder: Path) -> None:
        self.ledger = Ledger(folder / "ledger")
        self.storage = MoodyStorage(BUCKET)
        bucket = {"GCS_BUCKET_NAME": BUCKET, "STORAGE_EMULATOR_HOST": self.storage.url}
        self.render = Render(_service(folder, bucket), folder / "render", TIMES)
        self.witness = Witness(folder / "witness", INTERVAL_SECONDS)
        self._folder, self._bucket = folder, bucket
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            opened.enter_context(self.witness)
            opened.enter_context(self.storage)
            opened.enter_context(self.render)
            function = copy_job("backup_function", self._folder / "jobs")
            settings = self._bucket | {"SERVICE_NAME": SERVICE, "CALL_TIMEOUT_SECONDS": "6"}
            self.pulls = opened.enter_context(Pulls(function, self.render.url, TOKEN, settings))
            self._opened = opened.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    @property
    def local_backups(self) -> Path:
        """Where the running instance keeps backups on its own disk."""
        return self.render.instance.disk / "tmp" / LOCAL_BACKUPS

    def wait_for_retreat(self, disk: str) -> None:
        """Return when an instance that was replaced is gone with its disk."""
        self.render.events.wait_for(What.WIPED, disk)


def _service(folder: Path, bucket: dict[str, str]) -> Service:
    """The checkout as the platform's build leaves it, and how the service is set up there."""
    source = folder / "source"
    source.mkdir(parents=True)
    for part in PARTS:
        copy_job(part, source)
    shutil.rmtree(source / "deploy" / "local")
    # What it compiles is copied with the rest: no start has to do it again.
    assert compileall.compile_dir(source, quiet=1), "the service cannot be compiled"
    python = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return service_from(
        described_service(),
        source,
        {
            **SETTINGS,
            **bucket,
            "PATH": python,
            "PYTHONPATH": str(INJECTED),
            LEDGER: str(folder / "ledger"),
        },
        max_shutdown_delay_seconds=300,
        name=SERVICE,
    )
