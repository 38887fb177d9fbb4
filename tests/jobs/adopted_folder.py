"""The folder of an old logger, adopted: its writer and all three jobs as real processes."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from job_processes import JobProcess, run_job, running_function, running_logger
from jobs import old_logger
from processes import copy_job
from vendor import ROOT

MORE = ["--now", "2025-07-10T13:00", "--hurried-step", "1800", "--pace", "0.02"]
MORE += ["--past-days", "2", "--history", "3000"]


def settings_of_the_readme() -> dict[str, str]:
    """The block of the migration part."""
    part = (ROOT / "README.md").read_text().partition("\n## Migration")[2]
    block = re.search(r"```\n(DATA_DIR=.*?)```", part, re.DOTALL)
    assert block
    return dict(line.split("=", 1) for line in block[1].splitlines())


class State(NamedTuple):
    """What a file held."""

    path: str
    size: int
    digest: str


def states(folder: Path) -> dict[str, State]:
    """Every file of a folder as it is now, less our own notes."""
    places = (place for place in folder.rglob("*") if place.is_file())
    paths = {place.relative_to(folder).as_posix(): place for place in places}
    return {
        path: State(path, place.stat().st_size, sha256(place.read_bytes()).hexdigest())
        for path, place in sorted(paths.items())
        if not path.startswith(".backup/")
    }


@dataclass(frozen=True)
class Jobs:
    """Where the jobs lie, and where backups are kept."""

    function: Path
    restore: Path
    storage: Mapping[str, str]


@dataclass
class AdoptedFolder:
    """The folder, and what has been done with it."""

    root: Path
    jobs: Jobs
    settings: dict[str, str] = field(default_factory=settings_of_the_readme)
    reports: list[dict[str, Any]] = field(default_factory=list)
    log: list[str] = field(default_factory=list)  # lines of the function's
    logger: Path = field(init=False)  # a copy of this logger, with the old one in it
    noted_before: int = 0  # states that were in the journal when the last backup began

    def __post_init__(self) -> None:
        self.logger = copy_job("logger_service", self.root)
        shutil.copy(old_logger.__file__, self.logger)

    @property
    def data(self) -> Path:
        """Where the old logger writes."""
        return self.logger / self.settings["DATA_DIR"]

    @property
    def hurry(self) -> Path:
        """While this file is there, the old logger's clock goes half an hour a tick."""
        return self.root / "hurry"

    def journal(self) -> list[State]:
        """Every state that the old logger has brought a file to, in their order."""
        lines = (self.root / "journal").read_text().split("\n")[:-1]
        noted = (line.split(" ") for line in lines)
        return [State(path, int(size), digest) for path, size, digest in noted]

    @contextmanager
    def running(self) -> Iterator[JobProcess]:
        """The logger as the README sets it up, with the old one as its writer."""
        options = [*MORE, "--hurry", str(self.hurry), "--journal", str(self.root / "journal")]
        command = shlex.join([*shlex.split(self.settings["LOGGER_COMMAND"]), *options])
        path = f"{self._programs()}:{os.environ['PATH']}"
        settings = self.settings | {"LOGGER_COMMAND": command, "PATH": path}
        with running_logger(self.logger, self.data, **settings) as logger:
            logger.wait_for_line("^logging$")
            yield logger

    def _programs(self) -> Path:
        """A folder of its own for `python`, which not every machine has by that name."""
        programs = self.root / "bin"
        programs.mkdir(exist_ok=True)
        (programs / "python").unlink(missing_ok=True)
        (programs / "python").symlink_to(sys.executable)
        return programs

    def back_up(self, logger: JobProcess, backups: int = 1) -> None:
        """Call the function so often, each time when the old logger has come further."""
        token = self.settings["SNAPSHOT_TOKEN"]
        storage = dict(self.jobs.storage) | {"SNAPSHOT_TOKEN": token}
        with running_function(self.jobs.function, logger.url, **storage) as function:
            for _ in range(backups):
                logger.wait_until(partial(self._has_noted, len(self.journal()) + 20))
                self.noted_before = len(self.journal())
                answer = function.request("POST", body=b'{"action": "backup"}')
                assert answer.status_code == 200, answer.text
                self.reports.append(answer.json())
            function.end()
            self.log += function.stdout

    def _has_noted(self, count: int) -> bool:
        return len(self.journal()) >= count

    def restore(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Run the restore job."""
        settings = dict(self.jobs.storage) | {"DATA_DIR": str(self.data)}
        return run_job(self.jobs.restore, "main.py", *options, settings=settings)

    def warnings_of_the_log(self) -> list[str]:
        """What the function's entries of severity WARNING say of the backups."""
        entries = [json.loads(line) for line in self.log if line.startswith("{")]
        severe = [entry for entry in entries if entry["severity"] == "WARNING"]
        return [warning for entry in severe for warning in entry["report"]["warnings"]]


def times(folder: Path, paths: list[str]) -> dict[str, int]:
    """When each file was changed."""
    return {path: (folder / path).stat().st_mtime_ns for path in paths}
