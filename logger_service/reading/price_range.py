"""The rows of any time, day by day: all instances as one history, without duplicates."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from reading.passed_over import PassedOver
from reading.price_day import rows_of_day
from reading.price_files_of_days import files_by_day
from reading.price_row_line import Row
from record.newest_rows import tick_at

_INSTANT = timedelta(microseconds=1)


class PriceRange(NamedTuple):
    """From when on, up to when but not then, and of whom; no names mean of all."""

    start: datetime
    end: datetime
    sources: frozenset[str] = frozenset()


def rows_in_range(
    data_dir: Path, wanted: PriceRange, interval_seconds: float, passed_over: PassedOver
) -> Iterator[Row]:
    """The rows by time; files of other days are not opened.

    Raises:
        OSError: the folder cannot be listed, or a disk fails in the middle.
    """
    days = files_by_day(data_dir, wanted.start.date(), (wanted.end - _INSTANT).date())
    rows = (row for files in days for row in rows_of_day(files, passed_over))
    for row in without_duplicates(rows, interval_seconds):
        if row.at >= wanted.end:
            return
        if row.at >= wanted.start and (not wanted.sources or row.source in wanted.sources):
            yield row


def without_duplicates(rows: Iterable[Row], interval_seconds: float) -> Iterator[Row]:
    """Of rows by time, for each source those of the instance that was first in a tick.

    Two instances ask the same sources while a deploy lasts.
    """
    first: dict[str, tuple[datetime, str]] = {}
    for row in rows:
        tick = tick_at(row.at, interval_seconds)
        known = first.get(row.source)
        if known is None or known[0] != tick:
            known = first[row.source] = tick, row.instance
        if known[1] == row.instance:
            yield row
