"""How far each source is from what most of them say.

With fewer than three sources nobody can tell which of them is right, so none deviates.
"""

import logging
from collections.abc import Sequence
from decimal import Decimal, localcontext
from statistics import median

from judging.consensus import EXACT, bps, worth
from judging.flags import can_be_compared
from market.quote import Quote

FEWEST = 3  # sources that can outvote one
_log = logging.getLogger(__name__)


def deviations_bps(quotes: Sequence[Quote]) -> list[Decimal | None]:
    """The distance of each quote from the median; None for one that is not compared.

    An outlier is compared like any other, so the answer is the same before and after flagging.
    """
    with localcontext(EXACT):
        worths = [worth(quote) if can_be_compared(quote) else None for quote in quotes]
        compared = [price for price in worths if price is not None]
        if len(compared) < FEWEST:
            return [None] * len(quotes)
        middle = median(compared)
        return [price if price is None else bps(abs(price - middle), middle) for price in worths]


class Deviations:
    """Which sources deviate, told when it begins and when it is over."""

    def __init__(self, warning_bps: Decimal) -> None:
        self.sources: frozenset[str] = frozenset()  # that deviate
        self._warning_bps = warning_bps

    def look_at(self, quotes: Sequence[Quote]) -> None:
        """Judge the quotes of a tick; a source that cannot be compared stays as it was."""
        for quote, deviation in zip(quotes, deviations_bps(quotes), strict=True):
            if deviation is not None:
                self._judge(quote.source, deviation)

    def _judge(self, source: str, deviation: Decimal) -> None:
        if deviation > self._warning_bps and source not in self.sources:
            self.sources |= {source}
            _log.warning("Source %s is %.1f bps off the median", source, deviation)
        elif deviation <= self._warning_bps and source in self.sources:
            self.sources -= {source}
            _log.warning("Source %s is near the median again", source)
