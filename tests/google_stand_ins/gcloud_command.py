"""The real gcloud as tests call it."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PATIENCE_SECONDS = 120


class Gcloud:
    """gcloud with an environment and a folder that it runs in."""

    def __init__(
        self,
        environment: Mapping[str, str],
        folder: Path,
        always: Sequence[str] = ("--project=p1", "--quiet"),
    ) -> None:
        self._environment, self.folder, self._always = environment, folder, always

    def run(self, line: str, text: str = "") -> str:
        """What a command prints; it has to succeed."""
        done = self._done(line, text)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def read(self, line: str) -> Any:
        """What a command tells in JSON."""
        return json.loads(self.run(f"{line} --format=json"))

    def fail(self, line: str, text: str = "") -> str:
        """What a command says that has to fail."""
        done = self._done(line, text)
        assert done.returncode != 0, done.stdout
        return done.stderr

    def _done(self, line: str, text: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["gcloud", *line.split(), *self._always],
            check=False,
            env=self._environment,
            cwd=self.folder,
            input=text,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
        )
