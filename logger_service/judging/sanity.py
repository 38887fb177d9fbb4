"""Judges quotes by rules, each with its limit: what is odd gets a flag, and stays.

Only a price that no BTC can have is refused, as a body that is no ticker is. A flag decides
whether a row counts, never whether it is written.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, localcontext

from judging.consensus import EXACT, bps
from judging.deviation import deviations_bps
from judging.flags import Flag, with_flags
from judging.limits import Limits
from market.quote import Quote
from market.unavailable import Cause, QuoteUnavailable


def check_range(quote: Quote, limits: Limits) -> Quote:
    """The quote itself, if its price, bid and ask are ones that BTC can have.

    Raises:
        QuoteUnavailable: naming the first that is not.
    """
    lowest, highest = limits.lowest_price_usd, limits.highest_price_usd
    for field, text in (("price", quote.price), ("bid", quote.bid), ("ask", quote.ask)):
        value = Decimal(text or lowest)  # without a book there is nothing to judge
        if not (value.is_finite() and lowest <= value <= highest):
            raise QuoteUnavailable(
                f"{quote.source} sent a {field} of {text}, expected {lowest} to {highest} USD",
                name=quote.source,
                cause=Cause.BAD_BODY,
            )
    return quote


def flagged(
    quotes: Sequence[Quote], limits: Limits, stale_after: Mapping[str, float | None]
) -> list[Quote]:
    """All the quotes of one tick in their order, each with the flags that it deserves.

    `stale_after` has, by source, the seconds after which its own time is old; the times of a
    source with None, or without an entry, are not judged.
    """
    with localcontext(EXACT):
        alone = [
            with_flags(
                quote,
                [*_of_book(quote, limits), *_of_time(quote, limits, stale_after.get(quote.source))],
            )
            for quote in quotes
        ]
    return [
        with_flags(quote, [Flag.OUTLIER] if off is not None and off > limits.outlier_bps else [])
        for quote, off in zip(alone, deviations_bps(alone), strict=True)
    ]


def _of_book(quote: Quote, limits: Limits) -> Iterator[Flag]:
    if not (quote.bid and quote.ask):
        return
    last, bid, ask = Decimal(quote.price), Decimal(quote.bid), Decimal(quote.ask)
    if bid > ask:
        yield Flag.CROSSED
    if bps(ask - bid, (bid + ask) / 2) > limits.wide_spread_bps:
        yield Flag.WIDE
    if max(bps(bid - last, bid), bps(last - ask, ask)) > limits.off_book_bps:
        yield Flag.OFF_BOOK


def _of_time(quote: Quote, limits: Limits, stale_after: float | None) -> Iterator[Flag]:
    if stale_after is None or not quote.exchange_ts:
        return
    behind = quote.observed_at - datetime.fromisoformat(quote.exchange_ts)
    if behind.total_seconds() > stale_after:
        yield Flag.STALE
    if behind.total_seconds() < -limits.future_seconds:
        yield Flag.FUTURE
