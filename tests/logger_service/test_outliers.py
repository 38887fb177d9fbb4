import logging
from decimal import Decimal

import pytest

from judging.deviation import Deviations
from judging.sanity import flagged
from logger_service.quoted import LIMITS, quoted
from market.quote import Quote


def tick(*prices: str) -> list[Quote]:
    """One quote for each price, of the sources a, b, c and so on."""
    return [quoted(source, price) for source, price in zip("abcdef", prices, strict=False)]


def flags(quotes: list[Quote]) -> list[str]:
    """What each is flagged."""
    return [quote.flags for quote in flagged(quotes, LIMITS, {})]


@pytest.mark.parametrize(
    ("price", "expected"),
    [
        ("49000", ""),  # 50000 less 200 bps
        ("48999.99999999999999999999", "outlier"),
        ("49000.01", ""),
        ("50999.99", ""),
        ("51000", ""),
        ("51000.00000000000000000001", "outlier"),
    ],
)
def test_a_price_far_from_the_median_is_an_outlier(price: str, expected: str) -> None:
    """By more than 200 bps of it, on either side; the others are not touched."""
    assert flags(tick("50000", price, "50000")) == ["", expected, ""]


def test_two_sources_cannot_tell_which_is_wrong() -> None:
    """Both are right until a third one speaks."""
    assert flags(tick("50000", "1000")) == ["", ""]
    assert flags(tick("50000", "1000", "50001")) == ["", "outlier", ""]


def test_two_against_two_are_all_far_from_the_middle() -> None:
    """Nobody can tell which half is right, so none is counted."""
    assert flags(tick("50000", "50000", "60000", "60000")) == ["outlier"] * 4


@pytest.mark.parametrize(
    "odd",
    [
        {"flags": "aggregate"},
        {"flags": "stale"},
        {"bid": "50001", "ask": "50000"},
        {"symbol": "BTC-USDT"},
    ],
)
def test_what_is_not_comparable_is_no_voter_and_no_outlier(odd: dict[str, str]) -> None:
    """With it there are not three; beside three, it is left as it is."""
    other = quoted("z", "1000", **odd)
    assert "outlier" not in flags([*tick("50000", "50010"), other])[-1]
    assert flags([*tick("50000", "50010"), other])[:2] == ["", ""]
    assert "outlier" not in flags([*tick("50000", "50010", "50020"), other])[-1]


def test_off_the_book_the_middle_of_the_book_is_compared() -> None:
    """An old last trade does not make an outlier of a market that is alive."""
    old = quoted("c", "40000", bid="50000", ask="50020")
    assert flags([*tick("50000", "50010"), old]) == ["", "", "off_book"]


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the log says, and forgets."""
    messages = [record.message for record in caplog.records]
    assert all(record.levelno == logging.WARNING for record in caplog.records)
    caplog.clear()
    return messages


@pytest.mark.parametrize(
    ("price", "deviates"),
    [("50249.99", False), ("50250", False), ("50250.01", True), ("70000", True)],
)
def test_a_deviation_is_a_warning_only(
    price: str, deviates: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """From more than 50 bps on, and for an outlier too; up to 200 there is no flag."""
    deviations = Deviations(LIMITS.deviation_warning_bps)
    deviations.look_at(flagged(tick("50000", price, "50000"), LIMITS, {}))
    assert deviations.sources == (frozenset("b") if deviates else frozenset())
    assert len(told(caplog)) == deviates
    assert flags(tick("50000", price, "50000"))[1] == ("outlier" if price == "70000" else "")


def test_a_deviation_is_told_when_it_begins_and_when_it_is_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An hour of it is two lines; as long as it cannot be judged, nothing is said."""
    deviations = Deviations(Decimal(50))
    for _ in range(3):
        deviations.look_at(tick("50000", "50500", "50000"))
    assert told(caplog) == ["Source b is 100.0 bps off the median"]
    deviations.look_at(tick("50000", "50000"))
    deviations.look_at([])
    assert deviations.sources == {"b"}
    for _ in range(3):
        deviations.look_at(tick("50000", "50001", "50000"))
    assert told(caplog) == ["Source b is near the median again"]
