"""A row of a price file, read back: the inverse of what `price_file` writes."""

import csv
import re
from datetime import datetime

from market.quote import Quote, instant, price, volume
from record.price_file import COLUMNS

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")  # of a source or a symbol
_FLAGS = re.compile(r"[a-z0-9_]+(\|[a-z0-9_]+)*|")
_MILLISECONDS = re.compile(r"[0-9]{1,9}")


def parse_row(line: bytes) -> Quote:
    """The quote of one line, its arrival to the millisecond; ValueError if it is no whole row."""
    cells = _cells(line)
    if len(cells) != len(COLUMNS):
        raise ValueError(f"{len(cells)} cells, expected {len(COLUMNS)}: {line[:200]!r}")
    at, source, symbol, last, bid, ask, traded, exchange_ts, latency_ms, flags = cells
    return Quote(
        _matching(_NAME, source),
        price(last),
        bid and price(bid),
        ask and price(ask),
        traded and volume(traded),
        exchange_ts and instant(exchange_ts),
        int(_matching(_MILLISECONDS, latency_ms)),
        datetime.fromisoformat(instant(at)),
        _matching(_NAME, symbol),
        _matching(_FLAGS, flags),
    )


def _cells(line: bytes) -> list[str]:
    try:
        return next(csv.reader([line.decode()], strict=True), [])
    except csv.Error as error:
        raise ValueError(f"{error}: {line[:200]!r}") from error


def _matching(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError(f"{text[:200]!r} is not what belongs there")
    return text
