"""The simulated year, some days of it, and that it would see what it is there to see."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from market.exchanges import KINDS
from market.quote import Quote
from market.unavailable import QuoteUnavailable
from polling.parking import Parking
from record.price_files import PriceFiles
from year.evidence import Evidence, read
from year.plan import HOUR, Incident, Kind, Plan, draw
from year.simulation import Simulation
from year.year import find_problems

DAYS, INTERVAL = 10, 1800


def lived(directory: Path, plan: Plan, interval: int = INTERVAL) -> list[str]:
    """The problems of a plan that was lived through."""
    simulation = Simulation(plan, directory, interval, seed=1)
    simulation.run()
    return find_problems(simulation, read(directory))


@pytest.mark.parametrize(("days", "interval"), [(DAYS, INTERVAL), (0.4, 20)])
def test_days_full_of_trouble_add_up(tmp_path: Path, days: float, interval: int) -> None:
    """Seen now and then, and so often that the shortest pause is several ticks long."""
    assert lived(tmp_path, draw(days, tuple(KINDS), 2), interval) == []


def test_each_kind_of_incident_adds_up(tmp_path: Path) -> None:
    """One after the other, with exchanges that always answer."""
    lengths = {Kind.CLOCK_SET: -3.3 * HOUR, Kind.FROZEN: 2 * HOUR, Kind.RESTART: 2 * HOUR}
    incidents = [
        Incident(number * 5 * HOUR, kind, lengths.get(kind, 0.3))
        for number, kind in enumerate(Kind, start=1)
    ]
    plan = Plan(len(incidents) * 6 * HOUR, {name: [] for name in KINDS}, incidents)
    simulation = Simulation(plan, tmp_path, 600, seed=1)
    simulation.run()
    assert find_problems(simulation, read(tmp_path)) == []
    assert set(simulation.machine.happened) == {kind.name.lower() for kind in Kind}
    missing = +simulation.book.missing
    assert set(missing) == {"overrun", "stopped"}
    assert missing["overrun"] == 2 * 6 * len(KINDS)


def test_the_same_seed_brings_the_same_year() -> None:
    """So that what was found once is found again."""
    assert draw(DAYS, tuple(KINDS), 7) == draw(DAYS, tuple(KINDS), 7)
    assert draw(DAYS, tuple(KINDS), 7) != draw(DAYS, tuple(KINDS), 8)


def test_a_source_that_is_asked_while_it_is_parked_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the exchanges, whatever the recorder thinks of it."""

    def forget(self: Parking, error: QuoteUnavailable, now: float) -> None:
        """Park nobody."""

    monkeypatch.setattr(Parking, "failed", forget)
    problems = lived(tmp_path, draw(DAYS, tuple(KINDS), 1))
    assert "an exchange was asked while it was parked" in problems


def test_a_row_that_gets_lost_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Although the recorder would not know."""
    write = PriceFiles.write

    def lose(self: PriceFiles, quotes: Sequence[Quote]) -> None:
        write(self, [quote for quote in quotes if "wide" not in quote.flags])

    monkeypatch.setattr(PriceFiles, "write", lose)
    problems = lived(tmp_path, draw(DAYS, tuple(KINDS), 1))
    assert "tickers that came are neither written nor lost to the disk" in problems


def test_a_tick_that_gets_lost_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock counts by itself what was due."""
    monkeypatch.setattr("writing.grid.STEP_NS", 10**18)  # no step is ever seen
    plan = Plan(
        48 * HOUR, {name: [] for name in KINDS}, [Incident(7.1 * HOUR, Kind.CLOCK_SET, -3.2 * HOUR)]
    )
    assert "rows due are not those written and those missing" in lived(tmp_path, plan)


def test_rows_of_one_time_and_source_are_seen(tmp_path: Path) -> None:
    """In one file or in two of a day; what is torn or no row is told from what is one."""
    folder = tmp_path / "BTC-USD"
    folder.mkdir()
    row = "2027-01-01T00:00:00.000Z,kraken,BTC-USD,1,,,,,1,"
    header = "ts_utc,source,symbol,price,bid,ask,volume_24h,exchange_ts,latency_ms,flags"
    (folder / "2027-01-01.a.csv").write_text(f"{header}\n{row}stale|wide\n{row}\n")
    (folder / "2027-01-01.b.csv").write_text(f"{header}\n{row}\n{row[:10]}")
    (folder / "2027-01-01.c.csv").write_text("")
    assert read(tmp_path) == Evidence(
        files=3,
        rows=Counter(a=2, b=1),
        flags=Counter(stale=1, wide=1),
        twice=2,
        torn=1,
    )
