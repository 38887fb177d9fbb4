from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import pytest

from emulators.exchanges import ExchangeServers
from market.exchange import Exchange
from market.exchanges import Bitstamp, Coinbase, Kraken
from market.quote import Quote
from writing.recorder import Clocks
from year.clock import SECOND, SimulatedClock
from year.recorders import open_recorder

NOON = datetime(2026, 11, 22, 12, 0, 0, 5000, UTC)
PATH = "BTC-USD/2026-11-22.ab12.csv"


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
        return Quote(self.name, "50000", "", "", "", "", 1, NOON)


def rows(directory: Path) -> list[list[str]]:
    """The cells of each row of the day."""
    return [line.split(",") for line in (directory / PATH).read_text().splitlines()[1:]]


def test_a_tick_writes_one_row_per_exchange(
    tmp_path: Path, servers: ExchangeServers, exchanges: list[Exchange]
) -> None:
    """From three HTTP answers to three rows, without a digit changed."""
    recorder = open_recorder(exchanges, tmp_path)
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
    assert (recorder.tally().rows_written, recorder.last_row_at) == (3, NOON)
    assert recorder.own_paths() == {PATH}


def test_an_exchange_that_is_down_costs_only_its_own_rows(
    tmp_path: Path, servers: ExchangeServers, exchanges: list[Exchange]
) -> None:
    """The others are recorded, the failure is counted, and its return is seen."""
    servers.kraken.body = b'{"error":["EService:Unavailable"]}'
    servers.bitstamp.status = 503
    recorder = open_recorder(exchanges, tmp_path)
    recorder.tick()
    assert [row[1] for row in rows(tmp_path)] == ["coinbase"]
    assert recorder.tally().missing.total() == 2
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
    recorder = open_recorder(exchanges, tmp_path)
    recorder.tick()
    recorder.stop()
    assert list(tmp_path.rglob("*.csv")) == []
    assert (recorder.tally().rows_written, recorder.last_row_at) == (0, None)


def test_stopping_lets_the_tick_end_and_keeps_its_rows(tmp_path: Path) -> None:
    """The thread is in the middle of a tick when the order to stop comes."""
    source = Held()
    stopping = Event()
    clock = SimulatedClock(0, 3600 * SECOND)

    def wait(seconds: float) -> bool:
        clock.elapse(seconds)
        return stopping.is_set()

    clocks = Clocks(clock.wall_ns, clock.monotonic_ns)
    recorder = open_recorder([source], tmp_path, clocks=clocks, wait=wait)
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
    assert recorder.tally().ticks == recorder.tally().rows_written == 1


def test_stopping_wakes_a_recorder_that_waits_for_its_next_tick(tmp_path: Path) -> None:
    """An interval of an hour does not hold up a shutdown, nor does stopping twice."""
    recorder = open_recorder([Held()], tmp_path)
    recorder.start()
    stopper = Thread(target=recorder.stop, daemon=True)
    stopper.start()
    stopper.join(30)
    assert not stopper.is_alive()
    recorder.stop()
