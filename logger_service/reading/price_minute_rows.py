"""From lines of a price file to minutes: one pattern for all lines of a piece at once.

A day has fifty thousand rows, and a person waits for them.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache

from judging.flags import NOT_COUNTED, Flag
from reading.price_minutes import MINUTE_SECONDS, Doubted, Priced, SourceMinutes, Sources

# An aggregate says of its source what it is, in each of its rows, and doubts none of them.
DOUBTFUL = NOT_COUNTED - {Flag.AGGREGATE}
MOST_SOURCES = 16  # of a file; ours has six at most

_NUMBER = rb"[0-9]{1,20}(?:\.[0-9]{1,20})?"
_CELL = rb"[0-9TZ.:-]{0,41}"
_ROW = (
    rb"^%bT([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9](?:\.[0-9]{1,9})?)Z,"  # ts_utc
    rb"([A-Za-z0-9_.-]{1,64}),([A-Za-z0-9_.-]{1,64}),"  # source, symbol
    rb"((?=[0-9.]*[1-9])%b),"  # price
    rb"%b,%b,%b,%b,"  # bid, ask, volume_24h, exchange_ts
    rb"[0-9]{1,9},([a-z0-9_|]{0,999})$"  # latency_ms, flags
)
_Row = tuple[bytes, ...]


class MinuteRows:
    """Reads rows of one day; those of any other day were not written there by us."""

    def __init__(self, day: date) -> None:
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        self._first_minute = int(midnight.timestamp()) // MINUTE_SECONDS
        cells = (str(day).encode(), _NUMBER, _CELL, _CELL, _CELL, _CELL)
        self._row = re.compile(_ROW % cells, re.MULTILINE)

    def read(self, lines: bytes, start: int, sources: Sources) -> bool:
        """Add the rows of whole lines from a minute on; whether there were older ones."""
        by_minute: dict[tuple[bytes, ...], list[_Row]] = defaultdict(list)
        for row in self._row.findall(lines):
            by_minute[row[0], row[1], row[3]].append(row)
        has_older = False
        for (hour, minute, source), rows in by_minute.items():
            number = self._first_minute + int(hour) * 60 + int(minute)
            if number < start:
                has_older = True
            elif (name := source.decode()) in sources or len(sources) < MOST_SOURCES:
                known = sources.setdefault(name, SourceMinutes(rows[-1][4].decode()))
                _add(known, number, rows)
        return has_older


def _add(known: SourceMinutes, minute: int, rows: Sequence[_Row]) -> None:
    """Rows of one minute, which are in order but for a clock that was set back."""
    begin = minute * MINUTE_SECONDS
    good = [row for row in rows if not (row[6] and _doubts(row[6]))]
    if good:
        prices = [float(row[5]) for row in good]
        newest = max(good, key=_second)
        first, last = begin + float(min(good, key=_second)[2]), begin + float(newest[2])
        found = (first, last, len(good), float(newest[5]), min(prices), max(prices))
        known.add_priced(minute, Priced(*found))
    if len(good) < len(rows):
        _add_doubted(known, minute, [row for row in rows if _doubts(row[6])])


def _add_doubted(known: SourceMinutes, minute: int, rows: Sequence[_Row]) -> None:
    begin = minute * MINUTE_SECONDS
    newest, oldest = max(rows, key=_second), min(rows, key=_second)
    flags: Mapping[str, int] = Counter(flag for row in rows for flag in _doubts(row[6]))
    first, last = begin + float(oldest[2]), begin + float(newest[2])
    known.add_doubted(minute, Doubted(first, last, len(rows), float(newest[5]), flags))


def _second(row: _Row) -> bytes:
    """Two digits and a fraction: as texts in the same order as the numbers."""
    return row[2]


@lru_cache(256)
def _doubts(flags: bytes) -> tuple[str, ...]:
    return tuple(flag for flag in flags.decode().split("|") if flag in DOUBTFUL)
