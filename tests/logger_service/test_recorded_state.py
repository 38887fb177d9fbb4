"""From what the sources answer to flags in the rows and to the state file."""

import json
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from emulators.exchanges import KRAKEN, ExchangeServers
from logger_service.quoted import NOON
from market.exchanges import Coinbase, Kraken
from market.quote import Quote
from market.unavailable import Cause, QuoteUnavailable
from polling.parking import REFUSED_PAUSE
from writing.recorder import Clocks
from year.clock import SECOND, SimulatedClock
from year.recorders import open_recorder


def test_a_tick_flags_its_rows_and_keeps_how_things_stand(
    tmp_path: Path, servers: ExchangeServers
) -> None:
    """Coinbase's recorded time is years ago, so Kraken alone counts."""
    with (
        closing(Coinbase(servers.url, clock=lambda: NOON, stale_after=120)) as coinbase,
        closing(Kraken(servers.url, clock=lambda: NOON)) as kraken,
    ):
        recorder = open_recorder([coinbase, kraken], tmp_path)
        recorder.tick()
        recorder.stop()
    (path,) = recorder.own_paths()
    lines = (tmp_path / path).read_text().splitlines()[1:]
    assert {line.split(",")[1]: line.split(",")[9] for line in lines} == {
        "coinbase": "stale",
        "kraken": "",
    }
    state = json.loads((tmp_path / ".backup" / "state.json").read_bytes())
    assert state["consensus"] == {
        "price": "82998.9",
        "n": 1,
        "sources": ["kraken"],
        "dispersion_bps": 0,
    }
    assert state["last"]["coinbase"]["flags"] == "stale"
    next_one = open_recorder([], tmp_path)
    next_one.stop()
    assert next_one.state.last["kraken"].price == "82998.90000"


def test_a_price_out_of_range_is_a_failure_of_its_source(
    tmp_path: Path, servers: ExchangeServers
) -> None:
    """As is any other answer that is no ticker: it is counted, and there is no row."""
    servers.kraken.body = KRAKEN.replace(b'["82998.90000","0.0', b'["8.90000","0.0')
    with closing(Kraken(servers.url)) as kraken:
        recorder = open_recorder([kraken], tmp_path)
        recorder.tick()
        recorder.stop()
    assert recorder.tally().missing == {"bad_body": 1}
    assert recorder.tally().rows_written == 0


@dataclass
class Blocked:
    """A source that refuses, and counts how often it was asked."""

    name: str = "binance"
    stale_after: float | None = None
    calls: int = 0

    def quote(self) -> Quote:
        """No quote."""
        self.calls += 1
        raise QuoteUnavailable("restricted location", name=self.name, cause=Cause.BLOCKED)


def test_a_restart_is_no_way_around_a_ban(tmp_path: Path) -> None:
    """The state says until when, and the next process heeds it to the end, and no longer."""
    source, clock = Blocked(), SimulatedClock(1_795_379_400 * SECOND, 5 * SECOND)

    def tick_of_a_new_process() -> None:
        clocks = Clocks(clock.wall_ns, clock.monotonic_ns)
        recorder = open_recorder([source], tmp_path, 5, clocks=clocks)
        recorder.tick()
        recorder.stop()

    tick_of_a_new_process()
    state = json.loads((tmp_path / ".backup" / "state.json").read_bytes())
    until = clock.now() + timedelta(seconds=REFUSED_PAUSE)
    assert state["parked"] == {
        "binance": {
            "until": f"{until:%Y-%m-%dT%H:%M:%S}.000Z",
            "cause": "blocked",
            "reason": "restricted location",
        }
    }
    clock.elapse(REFUSED_PAUSE - 1)
    tick_of_a_new_process()
    assert source.calls == 1
    clock.elapse(1)
    tick_of_a_new_process()
    assert source.calls == 2
