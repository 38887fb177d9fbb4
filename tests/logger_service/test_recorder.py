from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import pytest

from emulators.exchanges import ExchangeServers
from exchanges import Bitstamp, Coinbase, Exchange, Kraken
from polling import Poller
from quote import Quote
from recorder import Recorder

NOON = datetime(2026, 11, 22, 12, 0, 0, 5000, UTC)
PATH = "BTC-USD/2026-11-22.ab12.csv"


@pytest.fixture
def servers() -> Iterator[ExchangeServers]:
    """The three exchanges on loopback."""
    with ExchangeServers() as running:
        yield running


@pytest.fixture
def exchanges(servers: ExchangeServers) -> Iterator[list[Exchange]]:
    """The real clients, at noon."""
    kinds: list[type[Exchange]] = [Coinbase, Kraken, Bitstamp]
    opened = [kind(servers.url, clock=lambda: NOON) for kind in kinds]
    yield opened
    for exchange in opened:
        exchange.close()


class Held:
    """A source that says when it has been asked, and answers when it is released."""

    name = "held"
    stale_after = None

    def __init__(self) -> None:
        self.asked = Event()
        self.released = Event()

    def quote(self) -> Quote:
        """One quote, at noon."""
        self.asked.set()
        self.released.wait(30)
        return Quote(self.name, "1", "1", "1", "1", "", 1, NOON)


def rows(directory: Path) -> list[list[str]]:
    """The cells of each row of the day."""
    return [line.split(",") for line in (directory / PATH).read_text().splitlines()[1:]]


def test_a_tick_writes_one_row_per_exchange(
    tmp_path: Path, servers: ExchangeServers, exchanges: list[Exchange]
) -> None:
    """From three HTTP answers to three rows, without a digit changed."""
    recorder = Recorder(exchanges, tmp_path, "ab12", 3600)
    recorder.tick()
    recorder.stop()
    cells = {row[1]: row[3:8] for row in rows(tmp_path)}
    book = ["73367.8", "73360.34", "73369.19", "1207.50668151"]
    assert cells == {
        "coinbase": [*book, "2024-03-13T11:10:41.270099Z"],
        "kraken": ["82998.90000", "82998.90000", "82999.00000", "2862.86180275", ""],
        "bitstamp": ["73285", "73353", "73367", "135.29692054", "2024-03-13T11:10:41Z"],
    }
    assert {row[0] for row in rows(tmp_path)} == {"2026-11-22T12:00:00.005Z"}
    assert (servers.coinbase.calls, servers.kraken.calls, servers.bitstamp.calls) == (1, 1, 1)
    assert (recorder.ticks, recorder.rows_written, recorder.last_row_at) == (1, 3, NOON)
    assert recorder.own_paths() == {PATH}


def test_an_exchange_that_is_down_costs_only_its_own_rows(
    tmp_path: Path, servers: ExchangeServers, exchanges: list[Exchange]
) -> None:
    """The others are recorded, the failure is counted, and its return is seen."""
    servers.kraken.body = b'{"error":["EService:Unavailable"]}'
    servers.bitstamp.status = 503
    recorder = Recorder(exchanges, tmp_path, "ab12", 3600)
    recorder.tick()
    assert [row[1] for row in rows(tmp_path)] == ["coinbase"]
    assert recorder.failures == {"kraken": 1, "bitstamp": 1}
    servers.bitstamp.status = 200
    recorder.tick()
    recorder.stop()
    assert sorted(row[1] for row in rows(tmp_path)) == ["bitstamp", "coinbase", "coinbase"]


def test_without_an_answer_nothing_is_written(
    tmp_path: Path, servers: ExchangeServers, exchanges: list[Exchange]
) -> None:
    """A tick of failures makes no file, and the recorder lives on."""
    for exchange in (servers.coinbase, servers.kraken, servers.bitstamp):
        exchange.status = 500
    recorder = Recorder(exchanges, tmp_path, "ab12", 3600)
    recorder.tick()
    recorder.stop()
    assert list(tmp_path.iterdir()) == []
    assert (recorder.ticks, recorder.rows_written, recorder.last_row_at) == (1, 0, None)


def test_stopping_lets_the_tick_end_and_keeps_its_rows(tmp_path: Path) -> None:
    """The thread is in the middle of a tick when the order to stop comes."""
    source = Held()
    stopping = Event()
    recorder = Recorder(
        [source],
        tmp_path,
        "ab12",
        3600,
        clock_ns=iter(range(0, 2**62, 3600 * 10**9)).__next__,
        wait=lambda _: stopping.is_set(),
    )
    recorder.start()
    assert source.asked.wait(30)
    stopping.set()
    stopper = Thread(target=recorder.stop, daemon=True)
    stopper.start()
    assert stopper.is_alive()
    source.released.set()
    stopper.join(30)
    assert not stopper.is_alive()
    assert [row[1] for row in rows(tmp_path)] == ["held"]
    assert recorder.ticks == recorder.rows_written == 1


def test_stopping_wakes_a_recorder_that_waits_for_its_next_tick(tmp_path: Path) -> None:
    """An interval of an hour does not hold up a shutdown, nor does stopping twice."""
    recorder = Recorder([Held()], tmp_path, "ab12", 3600)
    recorder.start()
    stopper = Thread(target=recorder.stop, daemon=True)
    stopper.start()
    stopper.join(30)
    assert not stopper.is_alive()
    recorder.stop()


def test_a_tick_that_raises_is_logged_and_the_next_one_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Recording is worth more than the reason why one tick failed."""
    polls = []

    def failing(_: Poller) -> list[Quote]:
        polls.append(1)
        raise ZeroDivisionError("unforeseen")

    monkeypatch.setattr(Poller, "poll", failing)
    waits = iter([False, False, True])
    recorder = Recorder(
        [Held()],
        tmp_path,
        "ab12",
        5,
        clock_ns=iter(range(0, 2**62, 5 * 10**9)).__next__,
        wait=lambda _: next(waits),
    )
    recorder.start()
    recorder._thread.join(30)  # noqa: SLF001  stop() would end it before its second tick
    recorder.stop()
    assert (len(polls), recorder.ticks) == (2, 2)
    assert "recording goes on at the next" in caplog.text
    assert "unforeseen" in caplog.text
