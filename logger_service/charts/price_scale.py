"""Which prices the chart has room for, and at which round ones it has a line."""

import math
from collections.abc import Sequence
from typing import NamedTuple

MOST_TICKS = 5
_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)
_MARGIN = 0.06  # of the range, above and below
_LEAST_MARGIN = 0.0005  # of the price: all of them may be the same
# A bad print that nothing flags must not flatten the lines: far out of what 98 of 100 minutes
# have, it is drawn at the edge. So is nothing of a market that really moved for a while.
_USUAL = 0.01
_FAR = 3.0  # times the usual range
_LEAST_RANGE = 0.01  # of the price


class PriceScale(NamedTuple):
    """The lowest and highest price of the chart, and the round ones between."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def share(self, price: float) -> float:
        """0 at the lower edge and 1 at the upper; a price beyond one lies on it."""
        return min(max((price - self.low) / (self.high - self.low), 0.0), 1.0)

    def has(self, price: float) -> bool:
        """Whether it is not beyond an edge."""
        return self.low <= price <= self.high


def scale_of(prices: Sequence[float]) -> PriceScale:
    """For one price or more."""
    usual = _without_strays(sorted(prices))
    lowest, highest = usual[0], usual[-1]
    margin = max((highest - lowest) * _MARGIN, highest * _LEAST_MARGIN)
    low, high = lowest - margin, highest + margin
    return PriceScale(low, high, _ticks(low, high))


def _without_strays(prices: Sequence[float]) -> Sequence[float]:
    few = int(len(prices) * _USUAL)
    low, high = prices[few], prices[-1 - few]
    far = _FAR * max(high - low, _LEAST_RANGE * high)
    return [price for price in prices if low - far <= price <= high + far]


def _ticks(low: float, high: float) -> tuple[float, ...]:
    wanted = (high - low) / MOST_TICKS
    power = 10.0 ** math.floor(math.log10(wanted))
    step = next(factor * power for factor in _ROUND if factor * power >= wanted)
    return tuple(number * step for number in range(math.ceil(low / step), int(high / step) + 1))


def dollars(price: float, *, is_round: bool = False) -> str:
    """Such as `82,998.90`; one that is round without its cents."""
    return f"{price:,.0f}" if is_round else f"{price:,.2f}"
