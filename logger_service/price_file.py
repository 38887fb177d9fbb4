"""Where rows go: one CSV per UTC day and instance, created exclusively and only appended to.

The rows of a tick are one write and one fsync. Bytes that the disk did not take are kept and
written first next time, so a full disk delays rows and never tears one for good.
"""

import csv
import io
import logging
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from quote import SYMBOL, Quote
from shared.durable_file import make_directory, sync_directory
from shared.names import timestamp

COLUMNS = (
    "ts_utc",
    "source",
    "symbol",
    "price",
    "bid",
    "ask",
    "volume_24h",
    "exchange_ts",
    "latency_ms",
    "flags",
)

_APPEND = os.O_APPEND | os.O_WRONLY | os.O_CLOEXEC
_log = logging.getLogger(__name__)


class PriceFile:
    """One file of ours, which comes into being with its first rows.

    `created` says whether it has, `unwritten` holds the bytes that wait for the disk, and
    `rows` counts those that are wholly in the file.
    """

    def __init__(self, place: Path) -> None:
        self.created = False
        self.unwritten = _line(COLUMNS)
        self._place = place
        self._descriptor: int | None = None
        self._named = False  # the directory's entry is on disk
        self._torn = False  # the file ends within a row
        self._lines = 0

    @property
    def rows(self) -> int:
        """Rows in the file, its header not counted."""
        return max(self._lines - 1, 0)

    def add(self, quote: Quote) -> None:
        """Take a row, to be written by the next flush."""
        self.unwritten += _line(_cells(quote))

    def flush(self) -> None:
        """Write what waits, or as much of it as the disk takes, and return when it is on disk.

        Raises:
            FileExistsError: another process has a file of this name (rule 5).
            OSError: the disk refused; what it did not take stays in `unwritten`.
        """
        self._start_anew_if_deleted()
        if self._descriptor is None:
            self._descriptor = self._open()
        written = os.write(self._descriptor, self.unwritten)
        self._lines += self.unwritten.count(b"\n", 0, written)
        if written:
            self._torn = self.unwritten[written - 1 : written] != b"\n"
        self.unwritten = self.unwritten[written:]
        os.fsync(self._descriptor)
        if not self._named:
            sync_directory(self._place.parent)
            self._named = True

    def _start_anew_if_deleted(self) -> None:
        """Rows written to a file that has no name any more would be seen by nobody."""
        if not self.created or self._has_its_name():
            return
        _log.error("%s has been deleted with %d rows; it is begun anew", self._place, self.rows)
        self.close()
        rows = self.unwritten.partition(b"\n")[2] if self._torn else self.unwritten
        self.unwritten = _line(COLUMNS) + rows
        self.created = self._named = self._torn = False
        self._lines = 0

    def _has_its_name(self) -> bool:
        if self._descriptor is None:
            return self._place.exists()
        return os.fstat(self._descriptor).st_nlink > 0

    def close(self) -> None:
        """Close the file; a later flush opens it again."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> int:
        if self.created:  # closed at midnight, with rows that wait or a clock set back
            return os.open(self._place, _APPEND)
        make_directory(self._place.parent)
        try:
            descriptor = os.open(self._place, _APPEND | os.O_CREAT | os.O_EXCL, 0o644)
        except FileExistsError as error:
            reason = "another process made this file, and only that one may append to it"
            raise FileExistsError(error.errno, reason, str(self._place)) from error
        self.created = True
        return descriptor


class PriceFiles:
    """The files of one instance below `data_dir`, one per UTC day.

    `last_row_at` is when the newest row in them arrived. Any thread may read; one writes.
    """

    def __init__(self, data_dir: Path, instance: str) -> None:
        self.last_row_at: datetime | None = None
        self._data_dir = data_dir
        self._instance = instance
        self._files: dict[str, PriceFile] = {}  # by path relative to data_dir
        self._newest: datetime | None = None  # among the rows taken, written or not

    @property
    def rows(self) -> int:
        """Rows in all the files."""
        return sum(file.rows for _, file in self._each())

    def paths(self) -> set[str]:
        """The files that this instance created, as POSIX paths relative to `data_dir`."""
        return {path for path, file in self._each() if file.created}

    def write(self, quotes: Sequence[Quote]) -> None:
        """Write the rows, given in the order of arrival, and whatever still waits.

        A file that cannot be written is logged and keeps its rows for the next call.
        """
        for quote in quotes:
            self._file_of(quote.observed_at).add(quote)
            self._newest = quote.observed_at
        current = self._path_of(self._newest) if self._newest else ""
        for path, file in self._each():
            self._settle(path, file)
            if path != current:
                file.close()
        if current and not self._files[current].unwritten:
            self.last_row_at = self._newest

    def close(self) -> None:
        """Try once more to write what waits, and close every file."""
        for path, file in self._each():
            self._settle(path, file)
            file.close()
            if file.unwritten:
                _log.error("%s: %d bytes of rows are lost", path, len(file.unwritten))

    def _settle(self, path: str, file: PriceFile) -> None:
        try:
            if file.unwritten:
                file.flush()
        except OSError:
            _log.exception("%s: %d bytes wait for the next tick", path, len(file.unwritten))

    def _file_of(self, at: datetime) -> PriceFile:
        path = self._path_of(at)
        if path not in self._files:
            self._files[path] = PriceFile(self._data_dir / path)
        return self._files[path]

    def _path_of(self, at: datetime) -> str:
        return f"{SYMBOL}/{at.astimezone(UTC):%Y-%m-%d}.{self._instance}.csv"

    def _each(self) -> tuple[tuple[str, PriceFile], ...]:
        return tuple(self._files.items())  # a copy: the writer may add a day meanwhile


def _cells(quote: Quote) -> tuple[str, ...]:
    return (
        timestamp(quote.observed_at),
        quote.source,
        quote.symbol,
        quote.price,
        quote.bid,
        quote.ask,
        quote.volume_24h,
        quote.exchange_ts,
        str(quote.latency_ms),
        quote.flags,
    )


def _line(cells: tuple[str, ...]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode()
