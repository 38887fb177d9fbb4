"""What the sources say together: the median of the rows of a tick that count.

It depends on nothing but rows as they are written, so it can be made again from the files. Where
no row counts there is no price: none is ever carried over from an earlier tick.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal, localcontext
from statistics import median

from judging.flags import Flag, counts, flags_of
from market.quote import Quote

EXACT = Context(prec=100)  # digits: a price has up to 40, and products of two are compared


@dataclass(frozen=True)
class Consensus:
    """The price that the sources agree on, and how well they do."""

    at: datetime  # of the tick
    price: str | None  # USD per BTC; None if no row counts
    sources: tuple[str, ...]  # whose rows count, by name
    dispersion_bps: float | None  # from the lowest price to the highest, of the median


def consensus(at: datetime, quotes: Iterable[Quote]) -> Consensus:
    """What these rows of one tick say together."""
    counted = [quote for quote in quotes if counts(quote)]
    sources = tuple(sorted(quote.source for quote in counted))
    if not counted:
        return Consensus(at, None, sources, None)
    with localcontext(EXACT):
        worths = [worth(quote) for quote in counted]
        middle = median(worths)
        dispersion = float(bps(max(worths) - min(worths), middle))
        # Normal, since 1.0 and 1.00 are one price, whichever of them is in the middle.
        return Consensus(at, f"{middle.normalize():f}", sources, dispersion)


def worth(quote: Quote) -> Decimal:
    """The price that it counts with: where the last trade is old, the middle of the book."""
    if Flag.OFF_BOOK in flags_of(quote) and quote.bid and quote.ask:
        return (Decimal(quote.bid) + Decimal(quote.ask)) / 2
    return Decimal(quote.price)


def bps(part: Decimal, whole: Decimal) -> Decimal:
    """The part in hundredths of a percent of the whole."""
    return part * 10_000 / whole
