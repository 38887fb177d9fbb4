from datetime import timedelta

import pytest

from judging.sanity import flagged
from logger_service.quoted import LIMITS, NOON, quoted


def flags(exchange_ts: str, stale_after: float | None = 120) -> str:
    """What a quote with this time of its own, observed at noon, is flagged."""
    quote = quoted("bitstamp", exchange_ts=exchange_ts)
    return flagged([quote], LIMITS, {"bitstamp": stale_after})[0].flags


@pytest.mark.parametrize(
    ("exchange_ts", "expected"),
    [
        ("2026-11-22T12:00:00Z", ""),
        ("2026-11-22T11:58:00.000001Z", ""),
        ("2026-11-22T11:58:00Z", ""),  # 120 s
        ("2026-11-22T11:57:59.999999Z", "stale"),
        ("2022-01-31T14:43:06Z", "stale"),
    ],
)
def test_a_time_long_past_is_stale(exchange_ts: str, expected: str) -> None:
    """By more than its source's seconds."""
    assert flags(exchange_ts) == expected


@pytest.mark.parametrize(
    ("exchange_ts", "expected"),
    [
        ("2026-11-22T12:00:04.999999Z", ""),
        ("2026-11-22T12:00:05Z", ""),
        ("2026-11-22T12:00:05.000001Z", "future"),
        ("9999-12-31T23:59:59.999999999Z", "future"),
    ],
)
def test_a_time_ahead_of_ours_is_of_the_future(exchange_ts: str, expected: str) -> None:
    """Some seconds are what two clocks may differ by."""
    assert flags(exchange_ts) == expected


@pytest.mark.parametrize(
    ("exchange_ts", "expected"),
    [("2026-11-22T11:50:00Z", ""), ("2026-11-22T11:49:59.999999Z", "stale")],
)
def test_each_source_has_seconds_of_its_own(exchange_ts: str, expected: str) -> None:
    """One whose time comes in steps of minutes is given more of them."""
    assert flags(exchange_ts, stale_after=600) == expected


@pytest.mark.parametrize("exchange_ts", ["2017-12-17T00:00:00.000Z", "2030-01-01T00:00:00Z"])
def test_times_that_say_nothing_are_not_judged(exchange_ts: str) -> None:
    """Such as those of a replay, or of a source that nobody gave seconds."""
    assert not flags(exchange_ts, stale_after=None)
    assert not flagged([quoted("other", exchange_ts=exchange_ts)], LIMITS, {})[0].flags


def test_a_source_without_a_time_is_not_judged() -> None:
    """Kraken gives none."""
    assert not flags("")


def test_the_time_is_compared_with_the_arrival() -> None:
    """Not with the moment of judging, which is later by as long as the slowest answer took."""
    late = quoted(exchange_ts="2026-11-22T11:57:00Z", observed_at=NOON - timedelta(minutes=2))
    assert not flagged([late], LIMITS, {"coinbase": 120})[0].flags
