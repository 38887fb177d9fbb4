"""Runs of `deploy/google.sh` that something ends before their time."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

from deploy.google_project import NOBODY, PATIENCE_SECONDS, GoogleProject
from emulators.google_deployment import Deployment
from processes import ROOT


class Gate:
    """Stands before what is deployed; while `closed`, a deploy goes on and on."""

    def __init__(self) -> None:
        self._reached, self._is_open = Event(), Event()
        self._is_open.set()

    def serve(self, _: Deployment) -> str:
        """The address of what was deployed, where nothing answers."""
        self._reached.set()
        assert self._is_open.wait(PATIENCE_SECONDS)
        return NOBODY

    @contextmanager
    def closed(self) -> Iterator[Event]:
        """What is given is set once a deploy has come to the gate."""
        self._reached.clear()
        self._is_open.clear()
        try:
            yield self._reached
        finally:
            self._is_open.set()


@contextmanager
def started(project: GoogleProject, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A run that goes on beside the test, and ends with it."""
    with subprocess.Popen(
        [ROOT / "deploy" / "google.sh", "--settings", project.settings_file, *words],
        cwd=project.folder,
        env=project.variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            yield running
        finally:
            running.kill()
