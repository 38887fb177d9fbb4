from decimal import Decimal

import pytest

from judging.limits import Limits
from judging.sanity import flagged
from logger_service.quoted import LIMITS, quoted
from shared.settings import LoggerSettings


def flags(price: str, bid: str, ask: str, limits: Limits = LIMITS, had: str = "") -> str:
    """What a quote with this book is flagged."""
    (quote,) = flagged([quoted("kraken", price, bid=bid, ask=ask, flags=had)], limits, {})
    return quote.flags


@pytest.mark.parametrize(
    ("bid", "ask", "expected"),
    [
        ("49999.99", "50000.00", ""),
        ("50000.00", "50000.00", ""),  # locked: somebody will trade in a moment
        ("50000.01", "50000.00", "crossed"),
        ("50000.00000000000000000001", "50000", "crossed"),
    ],
)
def test_a_bid_above_the_ask_is_crossed(bid: str, ask: str, expected: str) -> None:
    """To the last digit; no float comes in between."""
    assert flags("50000", bid, ask) == expected


@pytest.mark.parametrize(
    ("bid", "ask", "expected"),
    [
        ("49750.01", "50249.99", ""),
        ("49750", "50250", ""),  # 500 of 50000 are 100 bps
        ("49750", "50250.00000000000000000001", "wide"),
        ("49749.99", "50250.01", "wide"),
    ],
)
def test_bid_and_ask_far_apart_are_wide(bid: str, ask: str, expected: str) -> None:
    """By their distance in parts of their middle."""
    assert flags("50000", bid, ask) == expected


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ("39800", ""),  # 40000 less 50 bps
        ("39799.99999999999999999999", "off_book"),
        ("39800.01", ""),
        ("40000", ""),
        ("40200", ""),
        ("40300.49", ""),
        ("40300.5", ""),  # 40100 and 50 bps
        ("40300.50000000000000000001", "off_book"),
    ],
)
def test_a_last_trade_outside_of_the_book_is_off_it(last: str, expected: str) -> None:
    """By more than half a percent below the bid or above the ask."""
    assert flags(last, "40000", "40100") == expected


@pytest.mark.parametrize(("bid", "ask"), [("", ""), ("60000", ""), ("", "40000")])
def test_half_a_book_is_not_judged(bid: str, ask: str) -> None:
    """With one side of it missing there is neither a width nor a middle."""
    assert not flags("50000", bid, ask)


def test_flags_come_in_one_order_after_those_that_were_there() -> None:
    """So equal troubles make equal texts; none is repeated."""
    assert flags("50000", "60000", "40000", had="aggregate") == "aggregate|crossed|off_book"
    assert flags("50000", "60000", "40000", had="off_book") == "off_book|crossed"
    assert flags("90000", "40000", "60000", had="from_afar") == "from_afar|wide|off_book"


def test_the_limits_are_those_of_the_settings() -> None:
    """A market that is thinner than most can be given more room."""
    settings = LoggerSettings.model_construct(
        wide_spread_bps=Decimal(5000), off_book_bps=Decimal(6000)
    )
    assert flags("90000", "40000", "60000") == "wide|off_book"
    assert not flags("90000", "40000", "60000", Limits.of(settings))
