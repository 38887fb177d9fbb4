from collections.abc import Collection, Sequence
from pathlib import Path

import pytest

from logger_service.quoted import LIMITS
from market.quote import Quote
from polling.poller import Poller
from record.logbook import Logbook
from record.price_files import PriceFiles
from writing.recorder import Clocks, Recorder
from year.clock import SECOND, SimulatedClock

START = 1_795_379_400  # 2026-11-22T20:30:00Z
INTERVAL = 5


class Steady:
    """A source that always answers."""

    name = "steady"
    stale_after = None

    def __init__(self, clock: SimulatedClock) -> None:
        self._clock = clock

    def quote(self) -> Quote:
        """One quote, now."""
        return Quote(self.name, "50000", "", "", "", "", 1, self._clock.now())


class Breaking(PriceFiles):
    """Price files with a fault of ours in them: the writes of these numbers raise."""

    bad: Collection[int] = ()
    count = -1

    def write(self, quotes: Sequence[Quote]) -> None:
        """Break, or write."""
        self.count += 1
        if self.count in self.bad:
            raise ZeroDivisionError("ours")
        super().write(quotes)


class Life:
    """A recorder that runs for so many seconds; `bad` are the numbers of the ticks that fail."""

    def __init__(self, directory: Path, seconds: float, bad: Collection[int]) -> None:
        self.clock = SimulatedClock(START * SECOND, INTERVAL * SECOND)
        self.told: list[str] = []
        self.over: list[str] = []
        self._waits: list[float] = []
        self._failures: list[int] = []  # each by the number of the wait that follows it
        self._end = START + seconds
        files = Breaking(directory, "ab12")
        files.bad = bad
        sources, clocks = [Steady(self.clock)], Clocks(self.clock.wall_ns, self.clock.monotonic_ns)
        logbook = Logbook(files, sources, LIMITS, INTERVAL, clocks.now())
        recorder = Recorder(
            Poller(sources, 4),
            logbook,
            INTERVAL,
            report=self._report,
            over=self.over.append,
            clocks=clocks,
            wait=self._wait,
        )
        recorder.run()
        recorder.stop()
        self.tally = recorder.tally()
        assert self.tally.adds_up
        assert self.tally.ticks_due == self.clock.due

    @property
    def pauses(self) -> list[float]:
        """Seconds that the recorder paused for after each failure."""
        return [self._waits[number] for number in self._failures if number < len(self._waits)]

    def _wait(self, seconds: float) -> bool:
        if self.clock.wall_ns() / SECOND + seconds > self._end:
            return True
        self._waits.append(seconds)
        self.clock.elapse(seconds)
        return False

    def _report(self, reason: str) -> None:
        self.told.append(reason)
        self._failures.append(len(self._waits))


def test_an_error_that_escapes_costs_its_own_tick_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """After a second recording begins again, in time for the next tick; the log has the trace."""
    life = Life(tmp_path, 20, bad=[0])
    assert life.pauses == [1]
    assert life.told == ["the recorder failed and begins again: ZeroDivisionError('ours')"]
    assert "Traceback" in caplog.text
    assert (life.tally.ticks, life.tally.rows_written) == (4, 3)
    assert life.tally.missing == {"unforeseen": 1}


def test_errors_in_a_row_are_met_with_growing_pauses(tmp_path: Path) -> None:
    """Up to a minute; the ticks that they cost are counted."""
    life = Life(tmp_path, 500, bad=range(9))
    assert life.pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert life.tally.missing["unforeseen"] == 9
    assert life.tally.missed["restart"] == life.tally.missing["restart"] > 30
    assert life.tally.rows_written > 0


def test_a_tick_that_succeeds_ends_the_row_of_errors(tmp_path: Path) -> None:
    """The next error is met with the shortest pause again."""
    life = Life(tmp_path, 100, bad=[0, 1, 2, 4, 5])
    assert life.pauses == [1, 2, 4, 1, 2]
    assert life.over == ["the recorder records again"] * 2


def test_a_recorder_is_stopped_while_it_pauses(tmp_path: Path) -> None:
    """A shutdown does not wait for a minute to be over."""
    life = Life(tmp_path, 50, bad=range(6))
    assert life.pauses == [1, 2, 4, 8, 16]
    assert len(life.told) == 6  # and the pause after that one was not waited for
