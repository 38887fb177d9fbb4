"""The whole system: Google's part as `deploy/google.sh` makes it, and the logger on Render.

All programs are the real ones, on stand-ins of this machine. Cloud Scheduler's clock goes five
times as fast as ours, and Render's ten times.
"""

import os
import re
import subprocess
import sys
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Self

from deploy.cloud_run import running_project
from deploy.google_project import BUCKET
from deploy.on_render import OnRender
from emulators.gcloud_forks import GcloudForks
from emulators.scheduler_clock import QUIET, Clock
from processes import ROOT
from soak.ledger import Ledger
from soak.sitecustomize import LEDGER

SERVICE, JOB = "btc-logger", "btc-backup-backup-btc-logger"
SPEED = 5  # seconds of Cloud Scheduler in one of ours
PATIENCE_SECONDS = 120  # for a command
INJECTED = ROOT / "tests" / "soak"  # the folder of the sitecustomize.py that keeps the ledger


class Whole:
    """Everything, running, with nothing set up yet; a context that ends it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ledger = Ledger(folder / "ledger")
        self.token = ""  # of the snapshot, as google.sh shows it
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            forks = opened.enter_context(GcloudForks())
            project = running_project(self.folder / "google", forks, Clock(QUIET, speed=SPEED))
            self.project, self.cloud_run = opened.enter_context(project)
            watched = {"PYTHONPATH": str(INJECTED), LEDGER: str(self.ledger.place)}
            self.render = opened.enter_context(OnRender(self.folder / "render", watched))
            self.project.write_settings(SNAPSHOT_URL=self.render.url)
            self._opened = opened.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def set_up_google(self) -> None:
        """By `deploy/google.sh`, which tells the token."""
        done = self.project.run()
        assert done.returncode == 0, done.stdout + done.stderr
        token = re.search(r"to copy to Render now:\s+(\S+)", done.stdout)
        assert token, done.stdout
        self.token = token[1]

    def gcloud(self, *words: str) -> bytes:
        """What the real gcloud prints for a person who has signed in."""
        return self.run("gcloud", *words)

    def scheduler_py(self, *words: str) -> str:
        """What `deploy/scheduler.py` prints, which speaks by Google's own client."""
        script = str(ROOT / "deploy" / "scheduler.py")
        settings = "--settings", str(self.project.settings_file)
        return self.run(sys.executable, script, *words, *settings).decode()

    def run(self, *words: str, folder: Path | None = None) -> bytes:
        """What a command prints; AssertionError where it fails."""
        # Without the gcloud that is written down: the one that is installed.
        path = self.project.variables["PATH"].partition(os.pathsep)[2]
        done = subprocess.run(
            words,
            cwd=folder or self.folder,
            env=self.project.variables | {"PATH": path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(words)}: {done.stderr.decode()}"
        return done.stdout

    def come_round(self) -> datetime:
        """Let the time of the next backup by the schedule come; that time."""
        scheduler = self.project.scheduler
        due = datetime.fromisoformat(scheduler.jobs[JOB]["scheduleTime"])
        scheduler.clock.advance(seconds=(due - scheduler.clock.now()).total_seconds())
        return due

    @property
    def objects(self) -> dict[str, bytes]:
        """What is in the bucket."""
        return self.project.storage.objects(BUCKET)

    @property
    def backups(self) -> list[str]:
        """The objects of the backups, the newest last."""
        return [name for name in self.objects if name.startswith(f"{SERVICE}/backups/")]
