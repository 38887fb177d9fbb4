"""Each exchange on the page: its last price, whether it is left alone, and the rows it owes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashboard.exchanges_part import exchanges_part
from dashboard.texts import NOTHING
from logger_service.shown_pages import part_of
from logger_service.watched_logger import WatchedLogger
from record.state import Last, Parked
from writing.figures import Figures


@pytest.fixture
def logger(tmp_path: Path) -> WatchedLogger:
    """One that asks two exchanges."""
    logger = WatchedLogger(tmp_path / "data")
    logger.write_rows(datetime.now(UTC))
    return logger


def of(logger: WatchedLogger) -> str:
    """What a person reads there."""
    return part_of(logger, lambda backups: exchanges_part(backups.health))


def test_one_that_answers_shows_its_last_row(logger: WatchedLogger) -> None:
    """With what is odd about it."""
    at = datetime.now(UTC)
    logger.figures = Figures(
        "recorder",
        sources=("kraken", "bitstamp"),
        last={"kraken": Last("82998.90000", at, "stale|outlier")},
        given={"kraken": 12_345},
        missing={
            ("kraken", "rate_limited"): 7,
            ("kraken", "late"): 1,
            ("kraken", "parked"): 2,
            ("", "disk"): 3,
        },
    )
    words = of(logger)
    assert (
        f"kraken answers stale, outlier 82,998.90 {at:%Y-%m-%d %H:%M:%S} UTC 12,345 "
        "1 late, 2 left alone, 7 rate limited"
    ) in words
    assert f"bitstamp no row yet {NOTHING} {NOTHING} 0 none" in words


def test_one_that_no_longer_answers_is_silent(logger: WatchedLogger) -> None:
    """Its last price stays, with the time that tells how old it is."""
    old = Last("82998.90000", datetime.now(UTC) - timedelta(minutes=2), "")
    logger.figures = Figures("recorder", sources=("kraken",), last={"kraken": old})
    assert "kraken silent 82,998.90" in of(logger)
    logger.settings = {"log_interval_seconds": 60}
    assert "kraken answers 82,998.90" in of(logger)


def test_one_that_is_left_alone_says_until_when_and_why(logger: WatchedLogger) -> None:
    """And no more once that is over."""
    until = datetime.now(UTC) + timedelta(minutes=5)
    over = Parked(datetime.now(UTC) - timedelta(seconds=1), "server", "503")
    logger.figures = Figures(
        "recorder",
        sources=("kraken", "bitstamp"),
        parked={"kraken": Parked(until, "rate_limited", "it asks for 300 s"), "bitstamp": over},
    )
    words = of(logger)
    assert f"kraken left alone until {until:%Y-%m-%d %H:%M:%S} UTC: it asks for 300 s" in words
    assert "bitstamp no row yet" in words


def test_a_logger_of_ones_own_has_no_exchanges(logger: WatchedLogger) -> None:
    """Its newest row, or its newest file, is all that is known."""
    logger.figures = Figures("logger command", is_running=False, starts=3)
    words = of(logger)
    assert "Your own logger writes (logger command); it does not run, started 3 times." in words
    assert "The newest row is of" in words
