"""The rows of one day in order of time, from all of its files at once.

A file is read in runs: it is in order but for a clock that was set back, which begins another run.
So a day of any size takes little memory: a buffer for each run.
"""

import heapq
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import BinaryIO

from reading.passed_over import PassedOver
from reading.price_files_of_days import PriceFileName
from reading.price_row_line import Row, row_of, time_of
from record.price_row import HEADER
from shared.plain_file import open_plain

PIECE = 16 * 1024  # bytes read at once
LONGEST_LINE = 1024  # bytes that are kept of a line; a row has about 120


def rows_of_day(files: Sequence[PriceFileName], passed_over: PassedOver) -> Iterator[Row]:
    """All rows by time; of those with the same time first the one whose file comes first."""
    with ExitStack() as opened:
        runs = [
            _rows(name, file, run, passed_over)
            for name in files
            if (file := _open(name, opened, passed_over))
            for run in _runs(file, passed_over, name)
        ]
        yield from heapq.merge(*runs, key=lambda row: row.at)


def _open(name: PriceFileName, opened: ExitStack, passed_over: PassedOver) -> BinaryIO | None:
    """A file with our header, which others may have under such a name as well."""
    try:
        file = opened.enter_context(open_plain(name.place))
        beginning = file.read(len(HEADER))
    except OSError as error:  # deleted since the folder was listed, or a link
        passed_over.file(name.place.name, error.strerror or str(error))
        return None
    if beginning == HEADER:
        return file
    if beginning and not HEADER.startswith(beginning):  # else it is only just beginning
        passed_over.file(name.place.name, "it has another header")
    return None


def _runs(
    file: BinaryIO, passed_over: PassedOver, name: PriceFileName
) -> Iterator[tuple[int, int]]:
    """Where each beginning of going forward in time lies, up to the last whole line."""
    start = end = len(HEADER)
    size = os.fstat(file.fileno()).st_size
    newest = None
    for line_end, line in _lines(file, start, size):
        at = time_of(line)
        if at and newest and at < newest:
            yield start, end
            start = end
        newest = at or newest
        end = line_end
    if end < size:
        passed_over.line(name.place.name, os.pread(file.fileno(), LONGEST_LINE, end))
    yield start, end


def _rows(
    name: PriceFileName, file: BinaryIO, run: tuple[int, int], passed_over: PassedOver
) -> Iterator[Row]:
    """Those of one run; a row of another day was not written here by us."""
    for _, line in _lines(file, *run):
        row = row_of(line, name.instance)
        if row and row.at.date() == name.day:
            yield row
        else:
            passed_over.line(name.place.name, line)


def _lines(file: BinaryIO, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Each whole line between two offsets, without its end, and where it ends."""
    rest, dropped, at = b"", 0, start
    while at < end and (piece := os.pread(file.fileno(), min(PIECE, end - at), at)):
        at += len(piece)
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            start += len(line) + dropped + 1
            dropped = 0
            yield start, line
        dropped += max(0, len(rest) - LONGEST_LINE)
        rest = rest[:LONGEST_LINE]
