"""A mark on the disk while a logger runs: who finds one at its start knows of an unclean end.

The process holds a lock on it, so another one that lives on the same disk is no unclean end. It
appears whole and locked, so whoever sees one can tell.
"""

import fcntl
import logging
import os
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

from shared.document import Document, encode, parse
from shared.durable_file import make_directory, sync_directory
from shared.errors import Malformed
from shared.names import NOTES, timestamp
from shared.placing import INCOMING
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
        found, now = None, timestamp(datetime.now(UTC))
        mark = encode(Running(instance=instance, started_at=now))
        try:
            self._lock, is_new = _taken(self._place, mark)
            if self._lock is None:
                _log.warning("another logger runs with the same DATA_DIR: %s", self._place)
                return ""
            if not is_new:
                found = os.read(self._lock, LARGEST)
                _write(self._lock, mark)
            sync_directory(self._place.parent)
        except OSError as error:
            _log.warning("%s cannot be written: %s", self._place, error)
        return "" if found is None else _described(found)

    def remove(self) -> None:
        """At the very end of a clean shutdown."""
        if self._lock is None:
            return
        try:
            self._place.unlink(missing_ok=True)
            sync_directory(self._place.parent)
        except OSError as error:
            _log.warning("%s cannot be removed: %s", self._place, error)


def _taken(place: Path, mark: bytes) -> tuple[int | None, bool]:
    """The open file, locked, and whether it is a new one; None if a process that lives has it."""
    while True:
        try:
            return _found(place), False
        except FileNotFoundError:
            created = _created(place, mark)
            if created is not None:
                return created, True


def _found(place: Path) -> int | None:
    # Without O_NONBLOCK, opening a pipe would wait for its other end.
    descriptor = os.open(place, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _created(place: Path, mark: bytes) -> int | None:
    """None if another logger has just been faster; a kill before the link leaves no mark."""
    incoming = place.with_name(INCOMING) / token_hex(8)
    make_directory(incoming.parent)
    descriptor = os.open(incoming, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        _write(descriptor, mark)
        os.link(incoming, place)
    except OSError as error:
        os.close(descriptor)
        if isinstance(error, FileExistsError):
            return None
        raise
    finally:
        incoming.unlink(missing_ok=True)
    return descriptor


def _write(descriptor: int, mark: bytes) -> None:
    # Never empty in between: a kill here must not hide what was found.
    length = os.pwrite(descriptor, mark, 0)
    os.ftruncate(descriptor, length)
    os.fsync(descriptor)


def _described(found: bytes) -> str:
    try:
        before = parse(Running, found, MARK)
    except Malformed:
        return "the logger before did not end as it should"
    return (
        f"the logger before, {before.instance}, started at {before.started_at}, "
        "did not end as it should"
    )
