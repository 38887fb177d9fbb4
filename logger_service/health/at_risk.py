"""What the data directory has beyond a provider's newest backup: what a lost disk would take.

Sizes tell the bytes. The rows are counted from where the backup ends, and never twice; their times
say how long they have been waiting.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from shared.names import is_json
from shared.plain_file import open_plain
from shared.selection import SelectedFile
from shared.table import NEWLINE, is_header, is_table, row_time

MOST_BYTES = 8 * 1024 * 1024  # that are read for one answer
LEAST_BYTES = 64 * 1024  # of them, where a file is begun: enough for its first row
PIECE = 1024 * 1024
USUAL_ROW = 120  # bytes, where none has been seen


@dataclass(frozen=True)
class Saved:
    """What a provider's newest backup has; without one, nothing."""

    sizes: Mapping[str, int] = field(default_factory=dict)  # of its files, by path
    forgotten: frozenset[str] = frozenset()
    taken_at: datetime | None = None


@dataclass(frozen=True)
class AtRisk:
    """What only this disk has; `seconds` since the oldest of it was written."""

    files: int = 0
    rows: int = 0
    bytes: int = 0
    seconds: float = 0
    rows_estimated: bool = False


@dataclass
class _Tail:
    """The rows of a table from `offset` on, as far as they have been counted."""

    offset: int
    counted_to: int
    since: datetime | None = None  # a look at which nothing of it was there
    rows: int = 0
    first_at: datetime | None = None
    is_begun: bool = False


class Tails:
    """The unsaved tails of a directory's files, as one provider lacks them.

    Nothing of it counts as older than `since`, when this process began, or than the newest backup.
    """

    def __init__(self, root: Path, since: datetime) -> None:
        self._root, self._since = root, since
        self._tails: dict[str, _Tail] = {}
        self._written: dict[str, datetime] = {}  # unsaved files' times, as they were seen first
        self._sizes: dict[str, int] = {}  # of all files at the last look
        self._looked_at: datetime | None = None
        self._left = 0  # bytes that may still be read for this answer

    def look(self, files: Sequence[SelectedFile], saved: Saved, now: datetime) -> AtRisk:
        """Of the files that there are; one thread at a time."""
        self._left = MOST_BYTES
        floor = saved.taken_at or self._since
        begun = ((file, _unsaved_from(file, saved)) for file in files)
        unsaved = [(file, offset) for file, offset in begun if offset is not None]
        # What is written all the time has a new time at each look, and yet waits since the first.
        written = {
            file.path: self._written.get(file.path) or min(_time(file.mtime_ns), now)
            for file, _ in unsaved
        }
        tails, rest, oldest = {}, 0, now
        for file, offset in unsaved:
            at: datetime | None = written[file.path]
            if is_table(file.path):
                tail = tails[file.path] = self._count(file, offset)
                rest += file.size - tail.counted_to
                at = tail.first_at if tail.first_at or not tail.is_begun else at
                at = max(at or floor, tail.since or floor)
            oldest = min(oldest, max(at or floor, floor))
        self._tails, self._written = tails, written
        self._sizes, self._looked_at = {file.path: file.size for file in files}, now
        rows = sum(tail.rows for tail in tails.values())
        counted = sum(tail.counted_to - tail.offset for tail in tails.values())
        row = counted / rows if rows else USUAL_ROW
        return AtRisk(
            files=len(unsaved),
            rows=rows + round(rest / row),
            bytes=sum(file.size - offset for file, offset in unsaved),
            seconds=round((now - oldest).total_seconds(), 3),
            rows_estimated=rest > 0,
        )

    def _count(self, file: SelectedFile, offset: int) -> _Tail:
        tail = self._tails.get(file.path)
        if tail is None or tail.offset != offset or tail.counted_to > file.size:
            tail = _Tail(offset, offset, self._absent_at(file, offset))
        if tail.counted_to < file.size and self._left > 0:
            try:
                self._read(file, tail)
            except OSError:
                return tail  # gone, or not to be read: what is left of it is estimated
        return tail

    def _absent_at(self, file: SelectedFile, offset: int) -> datetime | None:
        """The last look, if the file ended there then: its rows' own times may be any."""
        return self._looked_at if offset >= self._sizes.get(file.path, 0) else None

    def _read(self, file: SelectedFile, tail: _Tail) -> None:
        with open_plain(self._root / file.path) as source:
            source.seek(tail.counted_to)
            while self._left > 0 and (left := file.size - tail.counted_to) > 0:
                piece = os.read(source.fileno(), min(PIECE, left, max(self._left, LEAST_BYTES)))
                if not piece:
                    return
                if not tail.is_begun:
                    _begin(tail, piece)
                tail.rows += piece.count(NEWLINE)
                tail.counted_to += len(piece)
                self._left -= len(piece)


def _begin(tail: _Tail, piece: bytes) -> None:
    """See the first of the rows; a header is none."""
    lines = piece.split(NEWLINE, 2)
    if tail.offset == 0 and is_header(lines[0]):
        tail.rows -= 1
        lines = lines[1:]
    tail.first_at = row_time(lines[0]) if lines else None
    tail.is_begun = True


def _unsaved_from(file: SelectedFile, saved: Saved) -> int | None:
    """From which byte on a file is not in the backup; None if all of it is."""
    if file.path in saved.forgotten:
        return None
    size = saved.sizes.get(file.path)
    if size is None:
        return 0
    if is_table(file.path) and file.size >= size:
        return size if file.size > size else None
    # One that is rewritten: it may have the size that it had, or be on its way here.
    is_newer = saved.taken_at is not None and _time(file.mtime_ns) > saved.taken_at
    return 0 if is_newer or (is_json(file.path) and file.size != size) else None


def _time(mtime_ns: int) -> datetime:
    try:
        return datetime.fromtimestamp(mtime_ns / 1e9, UTC)
    except (OverflowError, ValueError, OSError):  # a file's time may be anything
        return datetime.fromtimestamp(0, UTC)
