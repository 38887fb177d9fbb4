"""One start of a function: the time from there to its first answer, and what that imports."""

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic, sleep
from typing import IO

from benchmarks.measured_steps import Failed
from processes import free_port

PATIENCE_SECONDS = 60
POLL_SECONDS = 0.002
_IMPORTED = re.compile(r"^import time:\s+(\d+) \|\s+\d+ \|\s+([\w.]+)$", re.MULTILINE)  # self, name


@dataclass(frozen=True)
class Start:
    """A function that is started as on Cloud Run, and the request that it is started for."""

    python: str  # of the environment
    folder: Path
    target: str
    body: bytes
    settings: Mapping[str, str]


def seconds_to_first_answer(start: Start) -> float:
    """Raises Failed for an answer that is not 200, or none."""
    with tempfile.TemporaryFile() as log:
        return _timed(start, log)


def import_milliseconds(start: Start, named: int) -> dict[str, float]:
    """Of so many packages, those whose modules take longest, until the first answer is there.

    All of them together are `all`. As Python measures it, which costs time itself.
    """
    with tempfile.TemporaryFile() as log:
        _timed(start, log, PYTHONPROFILEIMPORTTIME="1")
        log.seek(0)
        text = log.read().decode(errors="replace")
    taken: Counter[str] = Counter()
    for microseconds, name in _IMPORTED.findall(text):
        taken[_package(name)] += int(microseconds)
    figures = {"all": taken.total(), **dict(taken.most_common(named))}
    return {name: round(microseconds / 1000, 1) for name, microseconds in figures.items()}


def _package(module: str) -> str:
    """The first part of its name; what comes with Python is one."""
    first = module.split(".", maxsplit=1)[0]
    return "python" if first in sys.stdlib_module_names or first.startswith("_") else first


def _timed(start: Start, log: IO[bytes], **settings: str) -> float:
    port = free_port()
    began = monotonic()
    with _running(start, port, log, settings) as process:
        connection = _connected(process, port, began)
        connection.request("POST", "/", start.body)
        answer = connection.getresponse()
        body = answer.read()
        seconds = monotonic() - began
        connection.close()
    if answer.status != 200:
        raise Failed(f"{start.target} answered {answer.status}: {body.decode(errors='replace')}")
    return seconds


@contextmanager
def _running(
    start: Start, port: int, log: IO[bytes], settings: Mapping[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    words = ["--target", start.target, "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(
        [start.python, "-m", "functions_framework", *words],
        cwd=start.folder,
        env={**start.settings, **settings},
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # with its worker
        process.wait()


def _connected(process: "subprocess.Popen[bytes]", port: int, began: float) -> HTTPConnection:
    """As soon as it listens, which it does when all of the function is imported."""
    while True:
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        try:
            connection.connect()
        except ConnectionRefusedError:
            if process.poll() is not None or monotonic() - began > PATIENCE_SECONDS:
                raise Failed(f"it ended with {process.poll()}, or never listened") from None
            sleep(POLL_SECONDS)
        else:
            return connection
