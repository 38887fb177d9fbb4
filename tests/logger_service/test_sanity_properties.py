"""What holds of the rules whatever the sources say."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judging.consensus import Consensus, consensus, worth
from judging.flags import counts
from judging.sanity import check_range, flagged
from logger_service.quoted import LIMITS, NOON, quoted
from market.quote import Quote
from record.newest_rows import last_tick, newest_rows
from record.price_files import PriceFiles
from shared.names import timestamp

SECONDS = 5  # between two ticks
NAMES = ("bitstamp", "coinbase", "gemini", "kraken", "replay-coinbase")
STALE_AFTER: dict[str, float | None] = dict.fromkeys(NAMES, 120)

near = st.decimals(49_500, 50_500, places=5).map("{:f}".format)
anywhere = st.decimals(100, 10_000_000, places=20).map("{:f}".format)
prices = near | anywhere | st.sampled_from(["50000", "50000.0", "49000", "51000"])
times = st.integers(-1000, 1000).map(lambda seconds: timestamp(NOON + timedelta(seconds=seconds)))


def quotes_of(source: str) -> st.SearchStrategy[Quote]:
    """Whatever the source may say within a tick."""
    return st.builds(
        quoted,
        st.just(source),
        prices,
        bid=st.just("") | prices,
        ask=st.just("") | prices,
        exchange_ts=st.just("") | times,
        observed_at=st.integers(0, 4000).map(lambda ms: NOON + timedelta(milliseconds=ms)),
        symbol=st.sampled_from(["BTC-USD"] * 9 + ["BTC-USDT"]),
        flags=st.sampled_from([""] * 9 + ["aggregate"]),
    )


# In each tick, any of the sources may be silent.
sources = st.sets(st.sampled_from(NAMES))
ticks = sources.flatmap(lambda names: st.tuples(*map(quotes_of, sorted(names)))).map(list)


def judged(quotes: list[Quote]) -> list[Quote]:
    """With the default limits."""
    return flagged(quotes, LIMITS, STALE_AFTER)


@given(tick=ticks)
def test_every_quote_comes_back_unchanged_but_for_its_flags(tick: list[Quote]) -> None:
    """In its place, with the flags that it had before the new ones."""
    rows = judged(tick)
    assert [replace(row, flags="") for row in rows] == [replace(quote, flags="") for quote in tick]
    assert all(row.flags.startswith(quote.flags) for row, quote in zip(rows, tick, strict=True))
    assert all(check_range(quote, LIMITS) is quote for quote in tick)


@given(tick=ticks, random=st.randoms(use_true_random=False))
def test_the_order_of_the_quotes_does_not_matter(tick: list[Quote], random: Random) -> None:
    """Neither to the flags nor to the consensus."""
    shuffled = random.sample(tick, len(tick))
    assert by_source(judged(shuffled)) == by_source(judged(tick))
    assert consensus(NOON, judged(shuffled)) == consensus(NOON, judged(tick))


@given(tick=ticks)
def test_judging_again_changes_nothing(tick: list[Quote]) -> None:
    """A row says all that was found, so whoever judges it later finds nothing new."""
    assert judged(judged(tick)) == judged(tick)


@given(tick=ticks)
def test_the_consensus_lies_among_the_rows_that_count(tick: list[Quote]) -> None:
    """And there is one if, and only if, there are such rows."""
    rows = judged(tick)
    counted = [row for row in rows if counts(row)]
    found = consensus(NOON, rows)
    assert found.sources == tuple(sorted(row.source for row in counted))
    assert (found.price is None) == (found.dispersion_bps is None) == (not counted)
    if found.price is not None:
        values = [worth(row) for row in counted]
        assert min(values) <= worth(quoted(price=found.price)) <= max(values)


@given(history=st.lists(ticks, max_size=5), start=st.integers(0, 86_400 // SECONDS))
def test_the_rows_give_the_consensus_of_the_last_tick_again(
    history: list[list[Quote]], start: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Of any run of ticks at any time of the day, over midnight too; a silent one leaves none."""
    data_dir = tmp_path_factory.mktemp("data")
    files = PriceFiles(data_dir, "ab12")
    said = [Consensus(NOON, None, (), None)]
    for number, tick in enumerate(history, start):
        later = timedelta(seconds=number * SECONDS)
        quotes = [replace(quote, observed_at=quote.observed_at + later) for quote in tick]
        rows = judged(sorted(quotes, key=lambda quote: quote.observed_at))
        files.write(rows)
        said += [consensus(NOON, rows)] if rows else []
    files.close()
    assert consensus(NOON, last_tick(newest_rows(data_dir, SECONDS), SECONDS)) == said[-1]


def by_source(rows: Iterable[Quote]) -> dict[str, Quote]:
    """The rows by the name of their source."""
    return {row.source: row for row in rows}
