"""The system that the documentation's commands are run against, and how one of them is run.

It is what `make run` starts, in a folder of its own: the same jobs, settings and, where they are
free, ports.
"""

import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep

import requests

from documentation.expected import Expected, Place
from documentation.running import NOT_UP, PATIENCE_SECONDS, POLL_SECONDS, Running
from processes import ROOT, copy_job, free_port
from run import RECORDER
from shared.names import timestamp
from system import FUNCTION_PORT, LOGGER_PORT, USUAL_PORTS, LocalSystem

# The answer's status, whatever a command does with its body.
CURL = r"""
silent
show-error
write-out = "%{stderr}\nstatus %{http_code}\n"
"""
BY_HAND_PORT = 8081  # of the function that the README has a person start
_STATUS = re.compile(r"^status (\d{3})$", re.MULTILINE)
_CACHES = ("__pycache__", ".*_cache")  # come and go while other programs run
# Left out of the copy; .venv is linked, so that make finds it.
_NOT_COPIED = shutil.ignore_patterns(".git", ".local", ".venv", ".env", "data", *_CACHES)


class NotReady(Exception):
    """The system did not come to what the commands need."""


@dataclass(frozen=True)
class Answer:
    """What became of a command."""

    exit_code: int
    status: int | None  # of its last HTTP answer
    output: str
    left: tuple[str, ...] = ()  # what it should have changed, and has not


@dataclass(frozen=True)
class Stage:
    """The running system, a folder for each place, and what stands for the docs' examples."""

    system: LocalSystem
    folders: dict[Place, Path]
    names: dict[str, str] = field(default_factory=dict)
    by_hand_port: int = field(default_factory=lambda: free_port(BY_HAND_PORT))

    @property
    def addresses(self) -> dict[str, str]:
        """What the docs say, and where it is here."""
        by_hand = f"http://127.0.0.1:{self.by_hand_port}"
        return {
            f"http://localhost:{LOGGER_PORT}": _local(self.system.logger_url, LOGGER_PORT),
            f"http://localhost:{FUNCTION_PORT}": _local(self.system.function_url, FUNCTION_PORT),
            f"http://localhost:{BY_HAND_PORT}": _local(by_hand, BY_HAND_PORT),
            f"--port {BY_HAND_PORT}": f"--port {self.by_hand_port}",
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
        with ExitStack() as ended:
            for shown, its in expected.beside.items():
                other = self._running(shown, its)
                if not ended.enter_context(other).comes_up():
                    return Answer(NOT_UP, None, other.said)
            running = ended.enter_context(self._running(text, expected))
            code, said = running.end(), running.said
        statuses = _STATUS.findall(said)
        if expected.file:
            said = (self.folders[expected.place] / expected.file).read_text()
        return Answer(code, int(statuses[-1]) if statuses else None, _STATUS.sub("", said).strip())

    def _running(self, text: str, expected: Expected) -> Running:
        return Running(
            self.rewritten(text, expected.replaced),
            self.folders[expected.place],
            self._environment(expected.place),
            until=expected.until,
            serves=self.rewritten(expected.serves, {}),
        )

    def _environment(self, place: Place) -> dict[str, str]:
        """The jobs' settings, but in a terminal; curl tells the status beside the answer."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        home = str(self.folders[Place.SCRATCH])
        settings = {"HOME": home} if place is Place.TERMINAL else self.system.environment
        return settings | {"PATH": path, "CURL_HOME": home, "NO_PROXY": "*"}


def _local(url: str, port: int) -> str:
    """As the docs show it where the port is theirs."""
    return f"http://localhost:{port}" if url.endswith(f":{port}") else url


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
        checkout = copy_repository(folder / "checkout")
        folders = {
            Place.CHECKOUT: checkout,
            Place.TERMINAL: checkout,
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
        "token": str(system.token_file),
        "path": next(path for path in paths if path.endswith(".csv")),
    }


def copy_repository(target: Path) -> Path:
    """What a person has who has cloned it, and has called `make setup`."""
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
