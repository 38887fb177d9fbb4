from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from market.quote import Quote
from writing.recorder import Clocks, Recorder, deadline
from year.clock import SECOND, SimulatedClock
from year.recorders import open_recorder

START = 1_795_379_400  # 2026-11-22T20:30:00Z
INTERVAL = 5


@dataclass
class Clocked:
    """A source that notes when it was asked."""

    clock: SimulatedClock
    name: str = "clocked"
    stale_after: float | None = None
    dawdles: list[float] = field(default_factory=list)  # seconds that its first answers take
    asked: list[float] = field(default_factory=list)  # seconds after START

    def quote(self) -> Quote:
        """One quote at the time of the test's clock."""
        self.asked.append(self.clock.wall_ns() / SECOND - START)
        self.clock.elapse(self.dawdles.pop(0) if self.dawdles else 0)
        return Quote(self.name, "50000", "", "", "", "", 1, self.clock.now())


Step = Callable[[SimulatedClock], None]


def nothing(_: SimulatedClock) -> None:
    """The wait goes as it should."""


def set_by(seconds: float) -> Step:
    """The clock is set when the recorder has just gone to sleep, or the machine suspended."""
    return lambda clock: clock.set_by(seconds)


class Life:
    """A recorder's life of some waits, each with what happens to the clock at its beginning."""

    def __init__(
        self,
        directory: Path,
        steps: list[Step],
        first: float = 0,
        dawdles: list[float] | None = None,
    ) -> None:
        self.clock = SimulatedClock(round((START + first) * SECOND), INTERVAL * SECOND)
        self.source = Clocked(self.clock, dawdles=dawdles or [])
        self._steps = iter(steps)
        clocks = Clocks(self.clock.wall_ns, self.clock.monotonic_ns)
        self.recorder: Recorder = open_recorder(
            [self.source], directory, INTERVAL, clocks=clocks, wait=self._wait
        )
        self.recorder.run()
        self.recorder.stop()
        tally = self.recorder.tally()
        assert tally.ticks_due == self.clock.due
        assert tally.adds_up

    def _wait(self, seconds: float) -> bool:
        step = next(self._steps, None)
        if step:
            step(self.clock)
            self.clock.elapse(seconds)
        return step is None


def test_ticks_lie_on_the_grid_of_the_wall_clock(tmp_path: Path) -> None:
    """Whenever the process started, its rows line up with everybody else's."""
    assert Life(tmp_path, [nothing] * 3, first=2).source.asked == [5, 10, 15]


def test_a_suspended_machine_gives_one_tick_and_no_burst(tmp_path: Path) -> None:
    """After an hour away there is one late tick, a count of the others, and the grid again."""
    life = Life(tmp_path, [nothing, set_by(3601), nothing])
    assert life.source.asked == [5, 3611, 3615]
    tally = life.recorder.tally()
    assert tally.missed == {"clock": 720}
    assert tally.missing == {"clock": 720}
    assert (tally.late_seconds, tally.most_late_seconds) == (0, 1)


def test_a_frozen_process_gives_one_tick_and_no_burst(tmp_path: Path) -> None:
    """The same where both clocks went on meanwhile."""
    life = Life(tmp_path, [nothing, lambda clock: clock.elapse(60), nothing])
    assert life.source.asked == [5, 70, 75]
    assert life.recorder.tally().missed == {"overrun": 12}


def test_a_wait_that_ends_early_gives_no_second_tick(tmp_path: Path) -> None:
    """A wake-up a millisecond before the point waits for the rest."""
    life = Life(tmp_path, [nothing, lambda clock: clock.elapse(-0.001), nothing, nothing])
    assert life.source.asked == [5, 10, 15]


def test_a_clock_set_back_makes_its_points_due_again(tmp_path: Path) -> None:
    """The grid counts from the new time; the recorder does not wait the hour again."""
    life = Life(tmp_path, [nothing, set_by(-3600), nothing])
    assert life.source.asked == [5, -3590, -3585]
    assert not life.recorder.tally().missed


@pytest.mark.parametrize("seconds", [-0.4, -0.002, 0.002, 0.4])
def test_a_clock_that_is_slewed_gives_no_second_tick_for_a_point(
    tmp_path: Path, seconds: float
) -> None:
    """What a time service corrects is neither a set clock nor a missed tick."""
    life = Life(tmp_path, [nothing, lambda clock: clock.slew(seconds), nothing, nothing, nothing])
    points = [round(asked / INTERVAL) for asked in life.source.asked]
    assert points == sorted(set(points))
    assert points[:2] == [1, 2]
    assert not life.recorder.tally().missed


def test_a_tick_that_overruns_skips_the_points_it_missed(tmp_path: Path) -> None:
    """Twelve seconds of polling cost the points in between, and no tick follows at once."""
    life = Life(tmp_path, [nothing, nothing], dawdles=[12])
    assert life.source.asked == [5, 20]
    assert life.recorder.tally().missed == {"overrun": 2}


def test_a_row_of_missed_ticks_is_told_when_it_begins_and_when_it_is_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A disk that is too slow for its interval does not write a line per tick."""
    Life(tmp_path, [nothing] * 8, dawdles=[6, 6, 11, 0, 0, 6])
    assert [record.message for record in caplog.records] == [
        "1 ticks were missed (overrun)",
        "Ticks are in time again; 4 were missed so far",
        "1 ticks were missed (overrun)",
        "Ticks are in time again; 5 were missed so far",
    ]


def test_no_two_rows_have_one_time_and_source(tmp_path: Path) -> None:
    """A clock that is set back by whole intervals brings the same milliseconds again."""
    Life(tmp_path, [nothing] * 3 + [set_by(-15)] + [nothing] * 3)
    (place,) = tmp_path.rglob("*.csv")
    times = [line.split(",")[0] for line in place.read_text().splitlines()[1:]]
    assert times[3] == "2026-11-22T20:30:05.001Z"
    assert len(set(times)) == len(times) == 7


@pytest.mark.parametrize(
    ("interval", "seconds"), [(0.01, 0.5), (1, 0.8), (5, 4), (60, 10), (3600, 10)]
)
def test_a_tick_waits_four_fifths_of_the_interval_within_bounds(
    interval: float, seconds: float
) -> None:
    """Below the interval wherever exchanges are polled, and never long enough to hold up a stop."""
    assert deadline(interval) == seconds
