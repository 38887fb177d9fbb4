"""Which prices have room in the chart, and the round ones among them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charts.price_scale import dollars, scale_of

PRICES = st.lists(st.floats(1e-9, 1e20), min_size=1, max_size=300)


def test_the_lines_have_nearly_all_of_the_height() -> None:
    """With a little room above and below, and round prices at a distance that can be read."""
    scale = scale_of([81_700, 82_700])
    assert (scale.low, scale.high) == (81_640, 82_760)
    assert scale.ticks == (81_750, 82_000, 82_250, 82_500, 82_750)


@pytest.mark.parametrize("price", [0.01, 100, 19_498.5, 83_000, 10_000_000])
def test_prices_that_are_all_the_same_lie_in_the_middle(price: float) -> None:
    """There is no range to divide by."""
    scale = scale_of([price] * 10)
    assert scale.share(price) == pytest.approx(0.5)
    assert 2 <= len(scale.ticks) <= 6


def test_a_bad_print_does_not_flatten_the_lines() -> None:
    """One minute in three hundred, far from all others, lies beyond the edge."""
    usual = [50_000 + number for number in range(300)]
    scale = scale_of([*usual, 70_000.0, 100.0])
    assert (scale.has(70_000), scale.has(100)) == (False, False)
    assert all(map(scale.has, usual))
    assert (scale.share(70_000), scale.share(100)) == (1, 0)


def test_a_market_that_really_fell_is_shown() -> None:
    """It stays where it fell to, so that is no bad print."""
    scale = scale_of([*[50_000.0] * 1_400, *[40_000.0] * 40])
    assert scale.has(40_000)


def test_with_few_prices_none_is_far_off() -> None:
    """Of ten minutes nobody knows what is usual."""
    assert scale_of([*[50_000.0] * 9, 100.0]).has(100)


@given(PRICES)
def test_each_scale_can_be_drawn(prices: list[float]) -> None:
    """Whatever was recorded: shares between 0 and 1, and a few round prices within."""
    scale = scale_of(prices)
    assert scale.low < scale.high
    assert all(0 <= scale.share(price) <= 1 for price in prices)
    assert 2 <= len(scale.ticks) <= 7
    assert all(scale.low <= tick <= scale.high for tick in scale.ticks)


def test_prices_are_told_in_cents() -> None:
    """But for round ones."""
    assert (dollars(82998.9), dollars(82_000, is_round=True)) == ("82,998.90", "82,000")
