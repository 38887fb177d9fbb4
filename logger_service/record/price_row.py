"""A row of a price file: from a quote to a line of CSV, and back."""

import csv
import io
import re
from datetime import datetime

from market.quote import Quote, instant, price, volume
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
HEADER = (",".join(COLUMNS) + "\n").encode()

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")  # of a source or a symbol
_FLAGS = re.compile(r"[a-z0-9_]+(\|[a-z0-9_]+)*|")
_MILLISECONDS = re.compile(r"[0-9]{1,9}")


def line_of(quote: Quote) -> bytes:
    """The line of a quote, with its end."""
    cells = (
        timestamp(quote.observed_at),
        quote.source,
        quote.symbol,
        quote.price,
        quote.bid,
        quote.ask,
        quote.volume_24h,
        quote.exchange_ts,
        quote.latency_ms,
        quote.flags,
    )
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode()


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
