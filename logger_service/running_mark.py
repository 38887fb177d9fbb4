"""A mark on the disk while a logger runs: who finds one at its start knows of an unclean end.

The process holds a lock on it, so another one that lives on the same disk is no unclean end.
"""

import fcntl
import logging
import os
from datetime import UTC, datetime
from pathlib import Path

from shared.document import Document, encode, parse
from shared.durable_file import make_directory, sync_directory
from shared.errors import Malformed
from shared.names import NOTES, timestamp
from shared.running import MARK

LARGEST = 4096  # bytes
_log = logging.getLogger(__name__)


class Running(Document):
    """Which instance runs, since when."""

    instance: str
    started_at: str


class RunningMark:
    """The mark in the notes of `data_dir`; a disk that refuses it costs a warning, no more."""

    def __init__(self, data_dir: Path) -> None:
        self._place = data_dir / NOTES / MARK
        self._lock: int | None = None  # the descriptor that holds it

    def set(self, instance: str) -> str:
        """Put it there; what was found in its place, in words, or nothing if all is well."""
        found = b""
        try:
            make_directory(self._place.parent)
            self._lock = _locked(self._place)
            if self._lock is None:
                _log.warning("another logger runs with the same DATA_DIR: %s", self._place)
                return ""
            found = os.read(self._lock, LARGEST)
            self._write(Running(instance=instance, started_at=timestamp(datetime.now(UTC))))
        except OSError as error:
            _log.warning("%s cannot be written: %s", self._place, error)
        return _described(found) if found else ""

    def remove(self) -> None:
        """At the very end of a clean shutdown."""
        if self._lock is None:
            return
        try:
            self._place.unlink(missing_ok=True)
            sync_directory(self._place.parent)
        except OSError as error:
            _log.warning("%s cannot be removed: %s", self._place, error)

    def _write(self, running: Running) -> None:
        assert self._lock is not None  # noqa: S101  set just now
        # Never empty in between: a kill here must not hide what was found.
        length = os.pwrite(self._lock, encode(running), 0)
        os.ftruncate(self._lock, length)
        os.fsync(self._lock)
        sync_directory(self._place.parent)


def _locked(place: Path) -> int | None:
    """The open file, locked; None if a process that lives has the lock."""
    # Without O_NONBLOCK, opening a pipe would wait for its other end.
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    descriptor = os.open(place, flags, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _described(found: bytes) -> str:
    try:
        before = parse(Running, found, MARK)
    except Malformed:
        return "the logger before did not end as it should"
    return (
        f"the logger before, {before.instance}, started at {before.started_at}, "
        "did not end as it should"
    )
