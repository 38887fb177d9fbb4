from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote import Quote
from recorder import Recorder, deadline, next_point

SECOND = 1_000_000_000  # nanoseconds
START = 1_795_379_400 * SECOND  # 2026-11-22T20:30:00Z


class Time:
    """A wall clock that moves only while somebody waits, and stops the thread at the end.

    `steps` says how each wait goes: by how many nanoseconds it misses the point waited for.
    """

    def __init__(self, now: int, steps: list[int]) -> None:
        self.now = now
        self._steps = iter(steps)

    def wait(self, seconds: float) -> bool:
        """True, as of an event that is set, when no step is left."""
        step = next(self._steps, None)
        self.now += round(seconds * SECOND) + (step or 0)
        return step is None


@dataclass
class Clocked:
    """A source that notes when it was asked."""

    time: Time
    name: str = "clocked"
    stale_after: float | None = None
    dawdles: int = 0  # nanoseconds that an answer takes
    asked: list[float] = field(default_factory=list)

    def quote(self) -> Quote:
        """One quote at the time of the test's clock."""
        self.asked.append((self.time.now - START) / SECOND)
        self.time.now += self.dawdles
        at = datetime.fromtimestamp(self.time.now / SECOND, UTC)
        return Quote(self.name, "1", "1", "1", "1", "", 1, at)


def asked_at(directory: Path, time: Time) -> list[float]:
    """Seconds after START at which a recorder with an interval of 5 s asks its source."""
    source = Clocked(time)
    recorder = Recorder([source], directory, "ab12", 5, clock_ns=lambda: time.now, wait=time.wait)
    run_to_the_end(recorder)
    assert recorder.ticks == recorder.rows_written == len(source.asked)
    return source.asked


def run_to_the_end(recorder: Recorder) -> None:
    """Start it, and return when its time is over."""
    recorder.start()
    recorder._thread.join(30)  # noqa: SLF001  stop() would end it before its time is over
    recorder.stop()


def test_ticks_lie_on_the_grid_of_the_wall_clock(tmp_path: Path) -> None:
    """Whenever the process started, its rows line up with everybody else's."""
    assert asked_at(tmp_path, Time(START + 2 * SECOND, [0, 0, 0])) == [5, 10, 15]


def test_a_suspended_machine_gives_one_tick_and_no_burst(tmp_path: Path) -> None:
    """After an hour away there is one late tick, and then the grid again."""
    assert asked_at(tmp_path, Time(START, [0, 3601 * SECOND, 0])) == [5, 3611, 3615]


def test_a_wait_that_ends_early_gives_no_second_tick(tmp_path: Path) -> None:
    """A wake-up a millisecond before the point waits for the rest."""
    assert asked_at(tmp_path, Time(START, [0, -1_000_000, 0, 0])) == [5, 10, 15]


def test_a_clock_set_back_delays_by_one_interval_at_most(tmp_path: Path) -> None:
    """The grid counts from the new time; the recorder does not wait the hour again."""
    assert asked_at(tmp_path, Time(START, [0, -3600 * SECOND, 0, 0])) == [5, -3585, -3580]


def test_a_tick_that_overruns_skips_the_points_it_missed(tmp_path: Path) -> None:
    """Twelve seconds of polling cost the points in between, and no tick follows at once."""
    time = Time(START, [0, 0])
    source = Clocked(time, dawdles=12 * SECOND)
    run_to_the_end(
        Recorder([source], tmp_path, "ab12", 5, clock_ns=lambda: time.now, wait=time.wait)
    )
    assert source.asked == [5, 20]


@given(now=st.integers(0, 2**62), interval=st.integers(10_000_000, 3600 * SECOND))
def test_the_next_point_is_the_first_multiple_after_now(now: int, interval: int) -> None:
    """Exactly, at any time and for any interval."""
    point = next_point(now, interval)
    assert now < point <= now + interval
    assert point % interval == 0


@pytest.mark.parametrize(
    ("interval", "seconds"), [(0.01, 0.5), (1, 0.8), (5, 4), (60, 10), (3600, 10)]
)
def test_a_tick_waits_four_fifths_of_the_interval_within_bounds(
    interval: float, seconds: float
) -> None:
    """Below the interval wherever exchanges are polled, and never long enough to hold up a stop."""
    assert deadline(interval) == seconds
