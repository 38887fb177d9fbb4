import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from market.quote import Quote
from market.replay import DAY, DIRECTORY, Replay, read_minutes

NOW = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)


class Player:
    """A replay whose clock the test turns."""

    def __init__(self, speed: float) -> None:
        self.seconds = 1000.0
        self.replay = Replay(speed, clock=lambda: NOW, monotonic=lambda: self.seconds)

    def after(self, seconds: float) -> Quote:
        """The quote so many seconds after the start."""
        self.seconds = 1000.0 + seconds
        return self.replay.quote()


def test_every_minute_is_exactly_as_in_the_files() -> None:
    """At 60 times, one second later is the next minute; no digit changes on the way."""
    player = Player(speed=60)
    with (DIRECTORY / f"{DAY}_btcusd_minute_trade.csv").open() as file:
        trades = list(csv.reader(file))
    with (DIRECTORY / f"{DAY}_btcusd_minute_quote.csv").open() as file:
        books = {row[0]: row for row in csv.reader(file)}
    assert len(trades) == 24 * 60
    for second, trade in enumerate(trades):
        book = books.get(trade[0], [""] * 11)
        quote = player.after(second + 0.5)
        assert (quote.price, quote.bid, quote.ask) == (trade[4], book[4], book[9])


def test_a_row_says_that_it_is_replayed_and_when_it_was_real() -> None:
    """The first quoted minute of the day, with the numbers that the files show."""
    assert Player(speed=60).after(0) == Quote(
        source="replay-coinbase",
        price="19516.96",
        bid="19650",
        ask="19650.01",
        volume_24h="",
        exchange_ts="2017-12-17T00:00:00.000Z",
        latency_ms=0,
        observed_at=NOW,
    )


def test_the_minute_without_a_quote_has_no_bid_and_no_ask() -> None:
    """One of the 1,440 minutes traded without a recorded book; nothing is made up for it."""
    bare = [minute for minute in read_minutes(DIRECTORY, DAY) if not minute.bid]
    assert len(bare) == 1
    quote = Player(speed=1).after(bare[0].start_ms / 1000)
    assert (quote.price, quote.bid, quote.ask) == (bare[0].price, "", "")


@pytest.mark.parametrize(
    ("speed", "seconds", "minute"),
    [
        (1, 59.9, "00:00"),
        (1, 60, "00:01"),
        (600, 1, "00:10"),
        (60, 1439.9, "23:59"),
        (60, 1440, "00:00"),  # the day's end is its beginning
        (60, 7 * 1440 + 1, "00:01"),
        (100_000, 0.865, "00:01"),
    ],
)
def test_time_runs_at_the_given_speed_and_wraps(speed: float, seconds: float, minute: str) -> None:
    """The position is elapsed time times speed, day after day."""
    assert Player(speed).after(seconds).exchange_ts == f"2017-12-17T{minute}:00.000Z"


def test_a_minute_that_did_not_trade_repeats_the_one_before(tmp_path: Path) -> None:
    """A gap in the files is played as the last known price, under that price's own time."""
    (tmp_path / f"{DAY}_btcusd_minute_trade.csv").write_text("0,1,1,1,7.0,1\n120000,1,1,1,9.0,1")
    (tmp_path / f"{DAY}_btcusd_minute_quote.csv").write_text("0,1,2,3,4.5,6,7,8,9,10.5,11")
    seconds = iter([0.0, 119.0])
    replay = Replay(1, tmp_path, monotonic=lambda: next(seconds))
    quote = replay.quote()
    assert (quote.price, quote.bid, quote.ask) == ("7.0", "4.5", "10.5")
    assert quote.exchange_ts == "2017-12-17T00:00:00.000Z"
