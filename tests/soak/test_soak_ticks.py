"""A tick without a row is found out, and so is a second instance that never recorded."""

from datetime import UTC, datetime

import pytest

from emulators.render_events import RenderEvent, What
from soak.ledger import Row
from soak.ticks import ALLOWED, lateness, overlaps, runs

INTERVAL, START = 0.5, datetime(2026, 11, 22, 20, 30, tzinfo=UTC).timestamp()


def recorded(logger: str, disk: str, first: float, last: float, skip: int = 0) -> list[Row]:
    """A row for each tick from one time to another, less some at the end."""
    ticks = range(round(first / INTERVAL), round(last / INTERVAL) + 1 - skip)
    times = [START + tick * INTERVAL + 0.01 for tick in ticks]
    texts = [f"{datetime.fromtimestamp(at, UTC).isoformat()},kraken" for at in times]
    return [
        Row(at + 0.01, disk, f"BTC-USD/2026-11-22.{logger}.csv", text)
        for at, text in zip(times, texts, strict=True)
    ]


def event(at: float, what: What, disk: str = "one") -> RenderEvent:
    """Something that happened so many seconds after the start."""
    return RenderEvent(START + at, what, disk)


LIFE = [event(0, What.STARTED), event(1.2, What.LIVE), event(21.2, What.TERMINATED)]


@pytest.mark.parametrize(("skip", "missing"), [(0, 0), (ALLOWED, 0), (ALLOWED + 1, 1), (12, 10)])
def test_ticks_without_a_row_are_counted(skip: int, missing: int) -> None:
    """Less those around the first and the last moment."""
    (run,) = runs(recorded("1a2b3c4d", "one", 1.5, 21, skip), LIFE, START + 99, INTERVAL)
    assert run.due(INTERVAL) == 40
    assert run.missing(INTERVAL) == missing


def test_a_recorder_that_begins_late_misses_ticks() -> None:
    """They are due from the moment on at which the traffic comes."""
    (run,) = runs(recorded("1a2b3c4d", "one", 11.5, 21), LIFE, START + 99, INTERVAL)
    assert run.missing(INTERVAL) == 20 - ALLOWED


def test_a_recorder_that_writes_nothing_misses_all() -> None:
    """It is known by its traffic."""
    (run,) = runs([], LIFE, START + 99, INTERVAL)
    assert run.missing(INTERVAL) == 40 - ALLOWED


def test_a_pause_is_known_by_its_begin_and_its_length() -> None:
    """Wherever it lies; a row that is a little late is none."""
    rows = [*recorded("1a2b3c4d", "one", 3, 5), *recorded("1a2b3c4d", "one", 7.1, 20)]
    (run,) = runs(rows, LIFE, START + 99, INTERVAL)
    pauses = [(round(at - START, 2), round(length, 2)) for at, length in run.pauses(INTERVAL)]
    assert pauses == [(1.2, 1.81), (5.01, 2.0), (20.01, 1.19)]


def test_who_still_runs_owes_rows_until_now() -> None:
    """There is no end yet."""
    (run,) = runs(recorded("1a2b3c4d", "one", 1.5, 21), LIFE[:2], START + 31.2, INTERVAL)
    assert run.missing(INTERVAL) == 20 - ALLOWED


def test_two_runs_on_one_disk_are_told_apart() -> None:
    """Nothing is due between a crash and the next start."""
    again = [event(60, What.STARTED), event(61.2, What.LIVE), event(71.2, What.KILLED)]
    rows = recorded("1a2b3c4d", "one", 1.5, 21) + recorded("5e6f7a8b", "one", 61.5, 71)
    lived = runs(rows, LIFE + again, START + 99, INTERVAL)
    assert [run.due(INTERVAL) for run in lived] == [40, 20]
    assert [run.missing(INTERVAL) for run in lived] == [0, 0]


@pytest.mark.parametrize(("second", "count"), [(15.0, 1), (21.0, 0), (40.0, 0)])
def test_a_dropped_overlap_is_seen(second: float, count: int) -> None:
    """Two instances overlap only if both recorded for some time."""
    rows = recorded("1a2b3c4d", "one", 1.5, 21) + recorded("5e6f7a8b", "two", second, 60)
    other = [event(second - 1, What.STARTED, "two"), event(second - 0.2, What.LIVE, "two")]
    lived = runs(rows, LIFE + other, START + 60, INTERVAL)
    assert overlaps(lived, INTERVAL) == count


def test_lateness_is_measured_from_the_grid() -> None:
    """Of each row by its own time."""
    late = lateness(recorded("1a2b3c4d", "one", 1.5, 3), INTERVAL)
    assert late == pytest.approx([0.01] * 4, abs=1e-6)
