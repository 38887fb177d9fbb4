"""Programs of the local system: each in a folder of its own, started, waited for and stopped."""

import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from secrets import choice
from time import monotonic, sleep

import requests

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 30
STOP_SECONDS = 30
POLL_SECONDS = 0.05
NEVER_GIVEN_OUT = range(20_000, 32_768)  # ephemeral ports begin there on Linux, later elsewhere
_NOT_DEPLOYED = shutil.ignore_patterns(".env", "data", "__pycache__", ".*_cache", ".gunicorn")


class NotStarted(Exception):
    """A program ended, or gave no answer, before it was ready."""


class Program:
    """A running program that writes to a log file."""

    def __init__(
        self,
        words: list[str],
        folder: Path,
        environment: Mapping[str, str],
        log: Path,
        python: str = sys.executable,
    ) -> None:
        self.name, self.log = log.stem, log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            # Its own session: Ctrl-C reaches this program's starter, which stops it in order.
            self._process = subprocess.Popen(  # noqa: S603  our own programs
                [python, *words],
                cwd=folder,
                env=dict(environment),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def process_id(self) -> int:
        """As the operating system numbers it."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def wait_for(self, url: str) -> None:
        """Return when the address answers, whatever its status; raises NotStarted."""
        deadline = monotonic() + START_SECONDS
        while not answers(url):
            if not self.is_running or monotonic() > deadline:
                self.stop()
                said = self.log.read_text(errors="replace")[-2000:]
                raise NotStarted(f"{self.name} is not ready at {url}; it said:\n{said}")
            sleep(POLL_SECONDS)

    def stop(self) -> int:
        """End it with SIGTERM, or at last SIGKILL; its exit code."""
        self._process.terminate()
        try:
            return self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


def copy_job(name: str, parent: Path) -> Path:
    """A copy of a job's folder below `parent`, as a platform that deploys it would see it.

    Never with a `.env`: that names somebody's real bucket.
    """
    target = parent / name
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(ROOT / name, target, ignore=_NOT_DEPLOYED)
    return target


def free_port(wanted: int = 0) -> int:
    """The wanted port of 127.0.0.1, or any other if that one is taken.

    None that the system itself gives out: whoever asks for it listens there only a while later,
    and meanwhile another program could be given it.
    """
    port = wanted or choice(NEVER_GIVEN_OUT)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return free_port()
    return port


def answers(url: str) -> bool:
    """Whether something answers at the address, whatever it says."""
    with requests.Session() as session:
        session.trust_env = False  # no proxy stands between us and loopback
        try:
            return bool(session.get(url, timeout=2).status_code)
        except requests.RequestException:
            return False
