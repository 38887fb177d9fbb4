"""The three jobs as their users meet them: real processes, each in a folder copied elsewhere.

From the repository's root a job would import the `shared` that lies there instead of its own
copy, so nothing here starts one where it is kept, and no process inherits this one's settings.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Condition, Thread
from time import monotonic, sleep
from typing import IO

import pytest
import requests

TOKEN = "test-token"
PATIENCE_SECONDS = 30  # for what takes a second; a test that waits so long has failed

_INHERITED = ("PATH", "LANG", "TMPDIR")


def environment(folder: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """The settings and what any process needs: no PYTHONPATH, and no home but the folder."""
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {**inherited, "HOME": str(folder), "PYTHONUNBUFFERED": "1", **settings}


def as_anyone() -> list[str]:
    """Words to put before a command, so that file permissions hold for root too."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("setpriv is not there, and root may write everywhere")
    return ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]


def run_job(
    folder: Path, *words: str, settings: Mapping[str, str], before: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Run `python WORDS` in a job's folder to its end; `before` are words before that."""
    return subprocess.run(
        [*before, sys.executable, *words],
        cwd=folder,
        env=environment(folder, settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


class JobProcess:
    """A process that serves; `url` is its address, from the moment that it tells it."""

    def __init__(
        self,
        folder: Path,
        words: list[str],
        settings: Mapping[str, str],
        before: Sequence[str] = (),
        program: str = sys.executable,
    ) -> None:
        self.url = ""
        self.was_killed = False
        self.expected_code = 0
        self._lines: dict[str, list[str]] = {"stdout": [], "stderr": []}
        self._arrived = Condition()
        self._open = 2  # of its outputs, those that may still bring a line
        self._process = subprocess.Popen(
            [*before, program, *words],
            cwd=folder,
            env=environment(folder, settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # so that its workers can be ended with it
        )
        pipes = {"stdout": self._process.stdout, "stderr": self._process.stderr}
        self._readers = [
            Thread(target=self._read, args=(name, pipe), daemon=True)
            for name, pipe in pipes.items()
        ]
        for reader in self._readers:
            reader.start()

    @property
    def process_id(self) -> int:
        """As the operating system numbers it; its group's too."""
        return self._process.pid

    @property
    def stdout(self) -> list[str]:
        """The lines so far."""
        with self._arrived:
            return list(self._lines["stdout"])

    @property
    def stderr(self) -> list[str]:
        """The lines so far."""
        with self._arrived:
            return list(self._lines["stderr"])

    @property
    def output(self) -> str:
        """All that it has written so far."""
        return "\n".join([*self.stdout, *self.stderr])

    def wait_for_line(self, pattern: str) -> re.Match[str]:
        """The first line of its output that matches, now or later."""
        deadline = monotonic() + PATIENCE_SECONDS
        with self._arrived:
            while not (found := self._search(pattern)):
                left = deadline - monotonic()
                if not (self._open and left > 0 and self._arrived.wait(left)):
                    raise AssertionError(f"no line matches {pattern!r} in: {self._lines}")
        return found

    def wait_for_lines(self, count: int) -> list[str]:
        """Its standard output, once it has so many lines."""
        with self._arrived:
            self._arrived.wait_for(
                lambda: len(self._lines["stdout"]) >= count or not self._open, PATIENCE_SECONDS
            )
        assert len(self.stdout) >= count, self.output
        return self.stdout

    def wait_until(self, holds: Callable[[], bool]) -> None:
        """Return once something that its work brings about holds."""
        deadline = monotonic() + PATIENCE_SECONDS
        while not holds():
            assert self._process.poll() is None, f"it ended before: {self.output}"
            assert monotonic() < deadline, f"it did not come to that: {self.output}"
            sleep(0.01)

    def request(
        self,
        method: str,
        path: str = "/",
        *,
        headers: Mapping[str, str | None] | None = None,
        body: bytes | None = None,
    ) -> requests.Response:
        """Ask it; a header that is None is not sent, and redirects are not followed."""
        with requests.Session() as session:
            session.trust_env = False
            session.headers["Connection"] = "close"  # a server waits for kept ones when it ends
            return session.request(
                method,
                self.url + path,
                headers=headers,
                data=body,
                timeout=PATIENCE_SECONDS,
                allow_redirects=False,
            )

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal and return the exit code, when all of its output is here."""
        self.send(number)
        return self.wait()

    def send(self, number: signal.Signals) -> None:
        """Send the signal to it alone, if it has not ended."""
        if self._process.poll() is None:
            self._process.send_signal(number)

    def wait(self) -> int:
        """Its exit code, when all of its output is here."""
        code = self._process.wait(PATIENCE_SECONDS)
        for reader in self._readers:
            reader.join(PATIENCE_SECONDS)
        return code

    def kill(self) -> None:
        """End it as a crash does, with its workers."""
        if self._process.poll() is None:
            self.was_killed = True
            os.killpg(self._process.pid, signal.SIGKILL)
        self.wait()

    def _read(self, name: str, pipe: IO[str]) -> None:
        with pipe:
            for line in pipe:
                with self._arrived:
                    self._lines[name].append(line.rstrip("\n"))
                    self._arrived.notify_all()
        with self._arrived:
            self._open -= 1
            self._arrived.notify_all()

    def _search(self, pattern: str) -> re.Match[str] | None:
        lines = (line for lines in self._lines.values() for line in lines)
        return next((found for line in lines if (found := re.search(pattern, line))), None)


@contextmanager
def running(
    folder: Path, words: list[str], settings: Mapping[str, str], before: Sequence[str] = ()
) -> Iterator[JobProcess]:
    """A process that ends with `expected_code`, 0 unless the test says so, or is killed.

    At the end of the block, if not before.
    """
    process = JobProcess(folder, words, settings, before)
    try:
        yield process
        code = process.end()
        expected = code == process.expected_code
        assert expected or process.was_killed, f"it ended with {code}: {process.output}"
    finally:
        process.kill()


def own_backups(data_dir: Path) -> Path:
    """Where a logger of a test keeps its own backups, unless it is told another place."""
    return data_dir.with_name(f"{data_dir.name} own backups")


@contextmanager
def running_logger(
    folder: Path, data_dir: Path, *, before: Sequence[str] = (), **settings: str
) -> Iterator[JobProcess]:
    """The logger on a free port: it replays prices, of which by default none is backed up."""
    # Its grid is the clock's: at a full hour even the longest interval brings a row.
    idle = {"LOG_INTERVAL_SECONDS": "3600", "BACKUP_EXCLUDE": "BTC-USD/*"}
    defaults = idle if "LOG_INTERVAL_SECONDS" not in settings else {}
    defaults |= {
        "DATA_DIR": str(data_dir),
        "LOCAL_BACKUP_DIR": str(own_backups(data_dir)),
        "HOST": "127.0.0.1",
        "PORT": "0",
        "PRICE_SOURCES": "replay",
        "SNAPSHOT_TOKEN": TOKEN,
    }
    with running(folder, ["main.py"], defaults | settings, before) as process:
        found = process.wait_for_line(r"listens on (127\.0\.0\.1):(\d+)")
        process.url = f"http://{found[1]}:{found[2]}"
        yield process


FUNCTION_WORDS = ["-m", "functions_framework", "--target", "backup", "--host", "127.0.0.1"]


@contextmanager
def running_function(
    folder: Path, snapshot_url: str, *, before: Sequence[str] = (), **settings: str
) -> Iterator[JobProcess]:
    """The backup function on a free port, as the functions framework starts it."""
    defaults = {
        "SNAPSHOT_URL": snapshot_url,
        "SNAPSHOT_TOKEN": TOKEN,
        "GUNICORN_LOG_LEVEL": "info",  # its server then tells its address
    }
    words = [*FUNCTION_WORDS, "--port", "0"]
    with running(folder, words, defaults | settings, before) as process:
        found = process.wait_for_line(r"Listening at: (http://127\.0\.0\.1:\d+)")
        process.url = found[1]
        yield process
