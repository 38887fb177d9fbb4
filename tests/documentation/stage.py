"""The system that the documentation's commands are run against, and how one of them is run.

It is what `make run` starts, in a folder of its own: the same jobs, settings and, where they are
free, ports.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep

import requests

from documentation.expected import Expected, Place
from processes import ROOT, copy_job
from run import RECORDER
from shared.names import timestamp
from system import FUNCTION_PORT, LOGGER_PORT, USUAL_PORTS, LocalSystem

# The answer's status, whatever a command does with its body.
CURL = r"""
silent
show-error
write-out = "%{stderr}\nstatus %{http_code}\n"
"""
PATIENCE_SECONDS = 60
POLL_SECONDS = 0.1
_STATUS = re.compile(r"^status (\d{3})$", re.MULTILINE)
# Left out of the copy; .venv is linked, so that make finds it.
_NOT_COPIED = shutil.ignore_patterns(".git", ".local", ".venv", ".env", "data", ".*_cache")


class NotReady(Exception):
    """The system did not come to what the commands need."""


@dataclass(frozen=True)
class Answer:
    """What became of a command."""

    exit_code: int
    status: int | None  # of its last HTTP answer
    output: str


@dataclass(frozen=True)
class Stage:
    """The running system, a folder for each place, and what stands for the docs' examples."""

    system: LocalSystem
    folders: dict[Place, Path]
    names: dict[str, str] = field(default_factory=dict)

    @property
    def addresses(self) -> dict[str, str]:
        """What the docs say, and where it is here."""
        return {
            f"http://localhost:{LOGGER_PORT}": _local(self.system.logger_url, LOGGER_PORT),
            f"http://localhost:{FUNCTION_PORT}": _local(self.system.function_url, FUNCTION_PORT),
            "http://your-app": self.system.logger_url,
        }

    def rewritten(self, text: str, replaced: Mapping[str, str]) -> str:
        """A command with this system's addresses, and its names in the place of the examples."""
        own = {shown: self.names.get(name, name) for shown, name in replaced.items()}
        for shown, here in (self.addresses | own).items():
            text = text.replace(shown, here)
        return text

    def run(self, text: str, expected: Expected) -> Answer:
        """A command, by the shell."""
        folder = self.folders[expected.place]
        log = self.folders[Place.SCRATCH] / "output"
        with log.open("w") as output:
            process = subprocess.Popen(
                ["bash", "-c", text],
                cwd=folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_hear_ctrl_c,  # noqa: PLW1509  nothing else runs here
            )
            code = _end(process, log, expected.until)
        said = log.read_text(errors="replace")
        statuses = _STATUS.findall(said)
        if expected.file:
            said = (folder / expected.file).read_text()
        return Answer(code, int(statuses[-1]) if statuses else None, _STATUS.sub("", said).strip())

    def _environment(self) -> dict[str, str]:
        """The jobs' settings; curl tells the status beside the answer."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        home = str(self.folders[Place.SCRATCH])
        return self.system.environment | {"PATH": path, "CURL_HOME": home, "NO_PROXY": "*"}


def _hear_ctrl_c() -> None:
    """What was started in the background, as CI may be, would ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _local(url: str, port: int) -> str:
    """As the docs show it where the port is theirs."""
    return f"http://localhost:{port}" if url.endswith(f":{port}") else url


def _end(process: subprocess.Popen[bytes], log: Path, until: str) -> int:
    """Its exit code, or 0 for one that was to go on until Ctrl-C, and did."""
    deadline = monotonic() + PATIENCE_SECONDS
    try:
        while process.poll() is None and monotonic() < deadline:
            if until and re.search(until, log.read_text(errors="replace")):
                os.killpg(process.pid, signal.SIGINT)
                process.wait(PATIENCE_SECONDS)
                return 0
            sleep(POLL_SECONDS)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return process.returncode or (1 if until else 0)


@contextmanager
def set_up(folder: Path) -> Iterator[Stage]:
    """A system that has recorded for a while and has two backups, below the folder."""
    scratch = folder / "scratch"
    scratch.mkdir()
    (scratch / ".curlrc").write_text(CURL)
    with LocalSystem(folder / "system", "local", RECORDER, ports=USUAL_PORTS) as system:
        system.start()
        (system.data / "state.json").write_text('{"of": "an old logger"}')
        _wait_for(lambda: any(_rows(system)), "no row was written")
        numbers = [system.fire()["answer"]["number"] for _ in range(2)]
        _wait_for(lambda: _health(system) == "healthy", "the logger is not healthy")
        folders = {
            Place.CHECKOUT: _copy_checkout(folder / "checkout"),
            Place.RESTORE_JOB: copy_job("restore_job", folder),
            Place.SCRATCH: scratch,
        }
        yield Stage(system, folders, _names(system, folder, str(numbers[0])))


def _names(system: LocalSystem, folder: Path, number: str) -> dict[str, str]:
    archive = system.folder / "backups" / "btc-logger"
    newest = max((archive / "backups").glob("*.json"))
    shutil.copy(newest, folder / "scratch" / "newest.json")
    paths = [entry["path"] for entry in json.loads(newest.read_text())["files"]]
    return {
        "number": number,
        "moment": timestamp(datetime.now(UTC)),
        "then": str(folder / "then"),
        "look": str(folder / "look"),
        "laptop": str(folder / "laptop"),
        "archive": str(archive),
        "path": next(path for path in paths if path.endswith(".csv")),
    }


def _copy_checkout(target: Path) -> Path:
    shutil.copytree(ROOT, target, ignore=_NOT_COPIED)
    (target / ".venv").symlink_to((ROOT / ".venv").resolve())
    return target


def _rows(system: LocalSystem) -> Iterator[bool]:
    for place in system.data.glob("BTC-USD/*.csv"):
        yield place.read_bytes().count(b"\n") > 3


def _health(system: LocalSystem) -> str:
    with requests.Session() as session:
        session.trust_env = False
        return str(
            session.get(f"{system.logger_url}/health", timeout=PATIENCE_SECONDS).json()["status"]
        )


def _wait_for(holds: Callable[[], bool], fault: str) -> None:
    deadline = monotonic() + PATIENCE_SECONDS
    while not holds():
        if monotonic() > deadline:
            raise NotReady(f"{fault} within {PATIENCE_SECONDS} s")
        sleep(POLL_SECONDS)
