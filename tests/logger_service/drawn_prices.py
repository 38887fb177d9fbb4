"""Prices as they were seen, for a chart of them."""

from collections.abc import Mapping, Sequence

from charts.price_chart import PriceChart, price_chart
from reading.price_minutes import Doubted, Priced, SourceMinutes
from reading.recent_prices import WINDOW_MINUTES, PricesSeen

START = 29_000_160  # midnight of 20 February 2025
END = START + WINDOW_MINUTES


def priced(minute: int, price: float) -> Priced:
    """Twelve rows of one price."""
    return Priced(minute * 60, minute * 60 + 55, 12, price, price, price)


def doubted(minute: int, price: float, flag: str = "stale") -> Doubted:
    """Twelve rows that say so."""
    return Doubted(minute * 60, minute * 60 + 55, 12, price, {flag: 12})


def source(
    prices: Mapping[int, float] | Sequence[float],
    doubtful: Mapping[int, float] | None = None,
    symbol: str = "BTC-USD",
) -> SourceMinutes:
    """The prices by minutes of the window, or of each of them from its start."""
    by_minute = prices if isinstance(prices, Mapping) else dict(enumerate(prices))
    return SourceMinutes(
        symbol,
        {START + minute: priced(START + minute, price) for minute, price in by_minute.items()},
        {START + at: doubted(START + at, price) for at, price in (doubtful or {}).items()},
    )


def steady(price: float = 50_000, minutes: int = WINDOW_MINUTES) -> list[float]:
    """A price for each minute, all near this one."""
    return [price + minute % 60 for minute in range(minutes)]


def drawn(sources: Mapping[str, SourceMinutes], *, has_older: bool = True) -> PriceChart:
    """The chart, of a recorder that asks every five seconds."""
    chart = price_chart(PricesSeen(START, END, sources, has_older), 5)
    assert chart
    return chart
