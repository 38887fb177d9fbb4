"""The newest rows of a data directory, whoever wrote them, from the ends of the newest files.

What is no price file, or no whole row of one, is passed over: foreign tables, torn last lines,
and whatever else a crash or a restore may have left there.
"""

import logging
import os
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

from market.quote import EPOCH, SYMBOL, Quote
from record.price_row import HEADER, parse_row
from shared.plain_file import open_plain

END_BYTES = 16 * 1024  # of each file: about 140 rows, and a tick has one for each source
_NAME = re.compile(r"\d{4}-\d\d-\d\d\.[A-Za-z0-9_-]+\.csv", re.ASCII)
_log = logging.getLogger(__name__)


def newest_rows(data_dir: Path, interval_seconds: float) -> list[Quote]:
    """The last rows of each file of the newest day that has any, by time of arrival.

    Of an earlier day too, if the last tick began before midnight.
    """
    rows: list[Quote] = []
    for day, places in _files_by_day(data_dir / SYMBOL):
        found = [row for place in places for row in _last_rows(place)]
        # A row of another day was not written here by us.
        rows += [row for row in found if f"{row.observed_at:%Y-%m-%d}" == day]
        rows.sort(key=lambda row: (row.observed_at, row.source))
        if rows and f"{tick_of(rows[-1], interval_seconds):%Y-%m-%d}" >= day:
            break
    return rows


def last_tick(rows: Sequence[Quote], interval_seconds: float) -> list[Quote]:
    """Of rows by time of arrival, those of the newest row's tick; the newest of each source."""
    if not rows:
        return []
    tick = tick_of(rows[-1], interval_seconds)
    return list({row.source: row for row in rows if row.observed_at >= tick}.values())


def tick_of(row: Quote, interval_seconds: float) -> datetime:
    """When the tick of a row began."""
    return tick_at(row.observed_at, interval_seconds)


def tick_at(arrival: datetime, interval_seconds: float) -> datetime:
    """When the tick of an answer began: it comes before the next point of the grid."""
    return arrival - (arrival - EPOCH) % timedelta(seconds=interval_seconds)


def _files_by_day(folder: Path) -> Iterator[tuple[str, list[Path]]]:
    """The price files of each day, the newest day first."""
    try:
        places = sorted(folder.iterdir(), reverse=True)
    except FileNotFoundError:
        return  # nothing has been recorded yet
    except OSError as error:
        _log.warning("%s cannot be listed: %s", folder, error.strerror)
        return
    price_files = (place for place in places if _NAME.fullmatch(place.name))
    for day, of_day in groupby(price_files, key=lambda place: place.name[:10]):
        yield day, list(of_day)


def _last_rows(place: Path) -> list[Quote]:
    rows, others = [], []
    try:
        for line in _last_lines(place):
            try:
                rows.append(parse_row(line))
            except ValueError:
                others.append(line)
    except OSError as error:
        _log.warning("%s cannot be read: %s", place, error.strerror)
    if others:
        _log.warning("%s: %d lines are no rows, such as %.100r", place, len(others), others[-1])
    return rows


def _last_lines(place: Path) -> list[bytes]:
    """Whole lines at the end of a price file; none of a file with another header."""
    with open_plain(place) as file:
        if file.read(len(HEADER)) != HEADER:
            return []
        size = os.fstat(file.fileno()).st_size
        start = max(len(HEADER), size - END_BYTES)
        file.seek(start)
        lines = file.read(END_BYTES).split(b"\n")
    # The first is the rest of a line, unless the file is short; the last never got its end.
    return lines[start > len(HEADER) : -1]
