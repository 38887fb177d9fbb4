"""One CSV of rows: created exclusively by its one writer, and only appended to.

All rows that wait are one write and one fsync. Bytes that the disk did not take are kept and
written first next time, so a full disk delays rows and never tears one for good.
"""

import logging
import os
from pathlib import Path

from market.quote import Quote
from record.price_row import HEADER, line_of
from shared.durable_file import make_directory, sync_directory

_APPEND = os.O_APPEND | os.O_WRONLY | os.O_CLOEXEC
_log = logging.getLogger(__name__)


class PriceFile:
    """One file of ours, which comes into being with its first rows.

    `created` says whether it has, `unwritten` holds the bytes that wait for the disk, `rows`
    counts those that are wholly in the file, and `deleted` those that somebody deleted with it.
    """

    def __init__(self, place: Path) -> None:
        self.created = False
        self.unwritten = bytearray(HEADER)  # grows in place: it may have megabytes
        self.deleted = 0
        self._place = place
        self._descriptor: int | None = None
        self._named = False  # the directory's entry is on disk
        self._torn = False  # the file ends within a row
        self._lines = 0

    @property
    def rows(self) -> int:
        """Rows in the file, its header not counted."""
        return max(self._lines - 1, 0)

    @property
    def waiting(self) -> int:
        """Rows that are not wholly in the file yet."""
        return self.unwritten.count(b"\n") - (self._lines == 0)

    def add(self, quote: Quote) -> None:
        """Take a row, to be written by the next flush."""
        self.unwritten += line_of(quote)

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
            self._torn = not self.unwritten.endswith(b"\n", 0, written)
        del self.unwritten[:written]
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
        self.deleted += self.rows + (self._torn and self._lines > 0)
        # The first line is what the disk did not take of the header, or of a torn row.
        is_cut = self._torn or not self._lines
        rows = self.unwritten.partition(b"\n")[2] if is_cut else self.unwritten
        self.unwritten = bytearray(HEADER + rows)
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
