import pytest

from judging.consensus import Consensus, consensus
from logger_service.quoted import NOON, quoted
from market.quote import Quote


def test_the_price_is_the_median_of_the_rows() -> None:
    """With whose rows it is made of, and how far apart they are."""
    rows = [quoted("kraken", "50010"), quoted("bitstamp", "49990"), quoted("coinbase", "50000")]
    assert consensus(NOON, rows) == Consensus(
        NOON, "50000", ("bitstamp", "coinbase", "kraken"), 4.0
    )


def test_of_two_it_is_the_middle() -> None:
    """Exactly, however many digits that takes."""
    rows = [quoted("a", "50000.00000000000000000001"), quoted("b", "50000")]
    assert consensus(NOON, rows).price == "50000.000000000000000000005"


def test_of_one_it_is_that_price() -> None:
    """To the last of the digits that a row may have; there is nothing to disagree with."""
    longest = "9" * 20 + "." + "9" * 20
    for sent, price in (("50000.10", "50000.1"), ("1000", "1000"), (longest, longest)):
        assert consensus(NOON, [quoted("a", sent)]) == Consensus(NOON, price, ("a",), 0.0)


@pytest.mark.parametrize("rows", [[], [quoted(flags="stale")], [quoted(symbol="BTC-USDT")]])
def test_without_a_row_that_counts_there_is_no_price(rows: list[Quote]) -> None:
    """None is carried over, and none is made up."""
    assert consensus(NOON, rows) == Consensus(NOON, None, (), None)


@pytest.mark.parametrize("flag", ["aggregate", "untimed", "crossed", "stale", "future", "outlier"])
def test_a_row_with_a_flag_that_tells_of_a_wrong_price_does_not_count(flag: str) -> None:
    """Whatever other flags it has, and whoever wrote them."""
    rows = [quoted("a", "50000"), quoted("b", "70000", flags=f"wide|{flag}|of_a_later_version")]
    assert consensus(NOON, rows) == Consensus(NOON, "50000", ("a",), 0.0)


@pytest.mark.parametrize("flag", ["wide", "of_a_later_version", "not_stale"])
def test_a_row_with_another_flag_counts(flag: str) -> None:
    """A wide book is worth knowing, and its last trade is a price."""
    assert consensus(NOON, [quoted("a", flags=flag)]).sources == ("a",)


def test_off_the_book_the_middle_of_the_book_counts() -> None:
    """The last trade is old there; the row still shows it."""
    old = quoted("a", "40000", bid="50000", ask="50001", flags="off_book")
    assert consensus(NOON, [old]).price == "50000.5"


def test_equal_prices_make_one_text() -> None:
    """Whatever zeros they came with, and in whatever order."""
    rows = [quoted("a", "50000.0"), quoted("b", "50000.00"), quoted("c", "50000")]
    assert {consensus(NOON, order).price for order in (rows, rows[::-1], rows[1:])} == {"50000"}
