"""Quotes, limits, and what comes in a quote's place, as many tests need them."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from judging.limits import Limits
from market.quote import Quote
from market.unavailable import Cause, QuoteUnavailable
from shared.settings import LoggerSettings

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LIMITS = Limits.of(LoggerSettings.model_construct())  # the defaults
_PLAIN = Quote("coinbase", "50000", "49999.99", "50000.01", "1200.5", "", 87, NOON)


def quoted(source: str = "coinbase", price: str = "50000", **fields: Any) -> Quote:
    """A quote at noon; without a book, unless one is given, so that only the price is judged."""
    return replace(_PLAIN, **{"source": source, "price": price, "bid": "", "ask": "", **fields})


def unavailable(cause: Cause, retry_after: float | None = None) -> QuoteUnavailable:
    """As a source raises it."""
    return QuoteUnavailable("kraken is down", name="kraken", cause=cause, retry_after=retry_after)
