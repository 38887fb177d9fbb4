"""The minutes of one price file, of which only what has been added is read the next time."""

import os
from typing import BinaryIO

from reading.price_files_of_days import PriceFileName
from reading.price_minute_rows import MinuteRows
from reading.price_minutes import Sources
from record.price_row import HEADER
from shared.plain_file import open_plain

PIECE = 1024 * 1024  # bytes read at once


class GrowingPriceFile:
    """What is known of it: `sources`, and whether it `has_older` rows than were asked for."""

    def __init__(self, name: PriceFileName) -> None:
        self.sources = Sources()
        self.has_older = False
        self._name, self._rows = name, MinuteRows(name.day)
        self._file: tuple[int, int] | None = None  # device and inode
        self._end = 0  # of what has been read, always behind a whole line

    def grow(self, start: int) -> None:
        """Read what is new, and let go of what lies before this minute.

        A file that is gone, foreign, or cannot be read has no minutes.
        """
        try:
            with open_plain(self._name.place) as file:
                self._begin_anew_if_replaced(file)
                self._read(file, start)
        except OSError:
            self._begin_anew(None)
        for minutes in self.sources.values():
            self.has_older |= minutes.forget_before(start)

    def _begin_anew_if_replaced(self, file: BinaryIO) -> None:
        status = os.fstat(file.fileno())
        identity = status.st_dev, status.st_ino
        if self._file != identity or status.st_size < self._end:
            self._begin_anew(identity)

    def _begin_anew(self, identity: tuple[int, int] | None) -> None:
        self.sources, self.has_older = Sources(), False
        self._file, self._end = identity, 0

    def _read(self, file: BinaryIO, start: int) -> None:
        if not self._end:
            if os.pread(file.fileno(), len(HEADER), 0) != HEADER:
                return  # not ours, or it is only just beginning
            self._end = len(HEADER)
        rest, at = b"", self._end
        while piece := os.pread(file.fileno(), PIECE, at):
            at += len(piece)
            whole, newline, rest = (rest + piece).rpartition(b"\n")
            if newline:
                self.has_older |= self._rows.read(whole, start, self.sources)
                self._end = at - len(rest)
            rest = rest[-PIECE:]  # of a line without end no more is kept
