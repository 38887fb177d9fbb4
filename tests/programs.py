"""Programs to run as somebody's own logger: a few lines of Python, with some names at hand.

They tell what they do in files of their data directory, and end with the test whatever happens.
"""

import fcntl
import os
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from time import monotonic, sleep

PATIENCE_SECONDS = 30  # for what takes a moment; a test that waits so long has failed

_NAMES = """\
import fcntl, os, signal, subprocess, sys, time
from pathlib import Path

data = Path(os.environ["DATA_DIR"])

def append(name, line):
    with (data / name).open("a") as file:
        file.write(line + "\\n")

def until(holds):
    while not holds():
        os.kill({owner}, 0)  # raises once the test has ended
        time.sleep(0.01)

def for_ever():
    until(lambda: False)

def lock():
    descriptor = os.open(data / "lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

def is_locked():
    try:
        with (data / "lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False

def start_worker(lines):
    '''Return when it has the lock, which goes with it.'''
    words = [sys.executable, "-c", names + "lock(); print(flush=True)\\n" + lines]
    subprocess.Popen(words, stdout=subprocess.PIPE).stdout.readline()

IGNORE_SIGTERM = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\\n"
"""


def source(lines: str) -> str:
    """The text of a program."""
    names = _NAMES.format(owner=os.getpid())
    return f"names = {names!r}\nexec(names)\n{dedent(lines)}"


def words(lines: str) -> list[str]:
    """The same as a command."""
    return [sys.executable, "-c", source(lines)]


def lines_of(path: Path) -> list[str]:
    """What programs have appended so far; nothing where there is no file yet."""
    return path.read_text().splitlines() if path.exists() else []


def is_locked(data_dir: Path) -> bool:
    """Whether a program that took the lock still runs."""
    with (data_dir / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def wait_until(holds: Callable[[], bool]) -> None:
    """Return once something that programs bring about holds."""
    deadline = monotonic() + PATIENCE_SECONDS
    while not holds():
        assert monotonic() < deadline, "it did not come to that"
        sleep(0.01)
