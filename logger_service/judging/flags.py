"""What can be odd about a quote, and what of that keeps it from being counted.

A flag is a word in the row, so whoever reads the rows later can judge as the logger did.
"""

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum

from market.quote import SYMBOL, Quote


class Flag(StrEnum):
    """The words, in the order in which a row has them."""

    AGGREGATE = "aggregate"  # made from many markets, so it is no market's own price
    UNTIMED = "untimed"  # the exchange's own time cannot be read, so it may be old
    CROSSED = "crossed"  # somebody bids more than another asks
    WIDE = "wide"  # bid and ask are far apart
    OFF_BOOK = "off_book"  # the last trade is outside of bid and ask, so it is old
    STALE = "stale"  # the exchange's own time is old
    FUTURE = "future"  # the exchange's own time is ahead of ours
    OUTLIER = "outlier"  # far from what most sources say


ODD_ALONE = frozenset({Flag.AGGREGATE, Flag.UNTIMED, Flag.CROSSED, Flag.STALE, Flag.FUTURE})
NOT_COUNTED = ODD_ALONE | {Flag.OUTLIER}


def flags_of(quote: Quote) -> frozenset[str]:
    """The quote's flags, those included that only another version knows."""
    return frozenset(quote.flags.split("|")) - {""}


def with_flags(quote: Quote, flags: Iterable[Flag]) -> Quote:
    """The quote with these flags after those that it has, each once."""
    new = [flag for flag in flags if flag not in flags_of(quote)]
    return replace(quote, flags="|".join([*filter(None, [quote.flags]), *new]))


def can_be_compared(quote: Quote) -> bool:
    """Whether its price means the same as other sources': of our market, now and plausible."""
    return quote.symbol == SYMBOL and not flags_of(quote) & ODD_ALONE


def counts(quote: Quote) -> bool:
    """Whether its price goes into the consensus."""
    return quote.symbol == SYMBOL and not flags_of(quote) & NOT_COUNTED
