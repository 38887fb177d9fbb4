"""Keeps a ledger of every row that a recorder has put on disk, whatever the engine says of it.

Python imports this module by itself wherever its folder is on PYTHONPATH, so the logger's own
start command runs unchanged; without the variable SOAK_LEDGER it does nothing. A row is taken
down after the fsync that made it last, with the time, from the bytes that the file has.
"""

import os
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

LEDGER = "SOAK_LEDGER"  # the file that gets a line for each row
FOLDER = "BTC-USD"
_INSTANCE = "RENDER_INSTANCE_ID"  # stands for the disk


class Scribe:
    """Writes the ledger of one process, about the files that it alone appends to."""

    def __init__(self, place: str, disk: str) -> None:
        self._ledger = os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._disk = disk
        self._taken: dict[Path, int] = {}  # bytes that are in the ledger, by place

    def opened(self, place: Any, flags: int) -> None:
        """Know a recorder's file: only its recorder creates it under its final name."""
        path = Path(os.path.realpath(place))
        if flags & os.O_EXCL and path.parent.name == FOLDER and path.suffix == ".csv":
            self._taken[path] = 0

    def synced(self, descriptor: int) -> None:
        """Take down the whole rows that are new since the last time."""
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        if path not in self._taken:
            return
        at = time.time()
        with path.open("rb") as file:
            file.seek(self._taken[path])
            rows, end, _ = file.read().rpartition(b"\n")
        self._taken[path] += len(rows) + len(end)
        head = f"{at:.6f}\t{self._disk}\t{FOLDER}/{path.name}\t".encode()
        # One write, so that a kill leaves all of it or nothing.
        os.write(self._ledger, b"".join(head + row + b"\n" for row in rows.splitlines()))


def watch(scribe: Scribe) -> None:
    """Wrap the calls of this process that say what a recorder does."""

    def opened(real: Callable[..., int]) -> Callable[..., int]:
        @wraps(real)
        def watched(place: Any, flags: int, *args: Any, **options: Any) -> int:
            descriptor = real(place, flags, *args, **options)
            scribe.opened(place, flags)
            return descriptor

        return watched

    def synced(real: Callable[[Any], None]) -> Callable[[Any], None]:
        @wraps(real)
        def watched(file: Any) -> None:
            real(file)
            scribe.synced(file if isinstance(file, int) else file.fileno())

        return watched

    _wrap("open", opened)
    _wrap("fsync", synced)


def _wrap(name: str, wrapper: Callable[[Any], Any]) -> None:
    setattr(os, name, wrapper(getattr(os, name)))


if LEDGER in os.environ:
    watch(Scribe(os.environ[LEDGER], os.environ[_INSTANCE]))
