"""One observed price, and the interface of whatever it can be asked of.

Numbers stay the strings that the exchange sent, so a row shows what was received and no float
ever adds noise to it; they are checked here to be numbers before anything is written.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Protocol

SYMBOL = "BTC-USD"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Clock = Callable[[], datetime]  # gives an aware datetime

# Decimal alone would also take "NaN", "1_000", spaces and other scripts' digits.
_NUMBER = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", re.ASCII)
_EPOCH_SECONDS = re.compile(r"[0-9]{1,11}")
_EPOCH_MS = re.compile(r"[0-9]{1,14}")


@dataclass(frozen=True)
class Quote:
    """What one source said at one moment; every number is the text that it sent."""

    source: str
    price: str  # of the last trade, USD per BTC
    bid: str  # best bid, USD per BTC; empty where there is none
    ask: str  # best ask, USD per BTC; empty where there is none
    volume_24h: str  # BTC traded there in the last 24 hours; empty where it is not known
    exchange_ts: str  # the exchange's own time, ISO 8601 with Z; empty where it gives none
    latency_ms: int  # from asking to the whole answer
    observed_at: datetime  # aware; the arrival by our clock
    symbol: str = SYMBOL
    flags: str = ""  # names joined by |; empty means that nothing is odd


class Source(Protocol):
    """Whatever can be asked for a quote, by one thread at a time."""

    @property
    def name(self) -> str:
        """How rows, logs and counters call it."""

    @property
    def stale_after(self) -> float | None:
        """Seconds after which its own time is old; None where that says nothing."""

    def quote(self) -> Quote:
        """The price now; raises QuoteUnavailable."""


def now() -> datetime:
    """The time by our clock."""
    return datetime.now(UTC)


def price(value: object) -> str:
    """The value itself, if it is the text of a decimal number above zero; else ValueError."""
    text = _matching(_NUMBER, value, "a decimal number")
    if not Decimal(text) > 0:
        raise ValueError(f"{text!r} is not above zero")
    return text


def volume(value: object) -> str:
    """The value itself, if it is the text of a decimal number, zero included; else ValueError."""
    return _matching(_NUMBER, value, "a decimal number")


def instant(value: object) -> str:
    """The value itself, if it is a time in ISO 8601 with Z; else ValueError."""
    text = _matching(_INSTANT, value, "a time like 2026-11-22T20:30:00.123Z")
    datetime.fromisoformat(text)
    return text


def instant_of_epoch(value: object) -> str:
    """Seconds since 1970 as ISO 8601 with Z: `2024-03-13T11:10:41Z`; else ValueError."""
    text = _matching(_EPOCH_SECONDS, value, "a time in seconds since 1970")
    return f"{datetime.fromtimestamp(int(text), UTC):%Y-%m-%dT%H:%M:%SZ}"


def instant_of_epoch_ms(value: object) -> str:
    """Milliseconds since 1970 as ISO 8601 with Z: `2024-03-13T11:10:41.270Z`; else ValueError."""
    text = _matching(_EPOCH_MS, value, "a time in milliseconds since 1970")
    seconds, ms = divmod(int(text), 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{ms:03d}Z"


def _matching(pattern: re.Pattern[str], value: object, expected: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(f"{value!r} is not {expected}")
    return value
