"""A checkout as it lies on the platform, whose commands are started as the platform does it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from emulators.storage import StorageFake
from job_processes import PATIENCE_SECONDS, JobProcess, environment
from processes import ROOT, copy_job

START, PREDEPLOY = "start.sh", "predeploy.sh"
JOBS = ("logger_service", "restore_job")


def copy_checkout(root: Path) -> Path:
    """What a service needs of the repository, below a folder with a space in its name."""
    for job in JOBS:
        copy_job(job, root)
    (root / "deploy").mkdir()
    for script in (START, PREDEPLOY):
        shutil.copy2(ROOT / "deploy" / script, root / "deploy" / script)
    return root


@dataclass
class Checkout:
    """One service's files; data lies in `data` below them unless the settings say otherwise."""

    root: Path
    store: Path  # LOCAL_BACKUP_DIR
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        """The default of DATA_DIR, from the root."""
        return self.root / "data"

    def script(self, name: str) -> str:
        """Where a command lies."""
        return str(self.root / "deploy" / name)

    def use_bucket(self, storage: StorageFake, bucket: str = "bucket") -> None:
        """Name a bucket besides the local directory."""
        self.settings |= {"GCS_BUCKET_NAME": bucket, "STORAGE_EMULATOR_HOST": storage.url}

    def environment(self, settings: dict[str, str]) -> dict[str, str]:
        """A logger that replays, on a free port, with a row at full hours alone."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        defaults = {
            "PATH": path,
            "LOCAL_BACKUP_DIR": str(self.store),
            "HOST": "127.0.0.1",
            "PORT": "0",
            "PRICE_SOURCES": "replay",
            "LOG_INTERVAL_SECONDS": "3600",
        }
        return defaults | self.settings | settings

    @contextmanager
    def started(self, script: str = "", **settings: str) -> Iterator[JobProcess]:
        """The start command, run without a shell from elsewhere; killed at the block's end."""
        elsewhere = self.root.parent
        told = self.environment(settings)
        process = JobProcess(elsewhere, [], told, program=script or self.script(START))
        try:
            yield process
        finally:
            process.kill()

    def run(self, name: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """A command to its end."""
        return subprocess.run(
            [self.script(name)],
            cwd=self.root.parent,
            env=environment(self.root, self.environment(settings)),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
