"""Writes down what the sources say at each point of a wall-clock grid.

The thread goes on whatever a tick meets: a failing source, a full disk or a suspended machine
costs the rows that could not be had, and nothing after them. An error that nobody foresaw is told
as a critical event, and recording begins again after a pause that grows.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread

from market.quote import EPOCH
from polling.kept_parks import from_state, to_state
from polling.poller import Poller
from record.logbook import Logbook
from record.state import State
from writing.backoff import Backoff
from writing.drought import Drought
from writing.figures import Figures
from writing.grid import Grid, Passed
from writing.tally import Tally

LATE_PART = 10  # a tick that begins later than a tenth of the interval after its point is late
SHORTEST, LONGEST = 0.5, 10.0  # seconds that a tick waits for answers
PAUSES = (1.0, 60.0)  # seconds before recording begins again: the first and the longest
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Clocks:
    """Nanoseconds since 1970, and nanoseconds of a clock that only goes forward."""

    wall_ns: Callable[[], int] = time.time_ns
    monotonic_ns: Callable[[], int] = time.monotonic_ns

    def now(self) -> datetime:
        """The wall clock's time, aware."""
        return EPOCH + timedelta(microseconds=self.wall_ns() // 1000)

    def monotonic(self) -> float:
        """Seconds of the clock that only goes forward."""
        return self.monotonic_ns() / 1e9


class Recorder:
    """Asks the sources every `interval_seconds` and writes a row for each that answers.

    `report` takes what a person has to know at once, `over` that it has ended, and `drought` sees
    how many rows each tick brought. `wait` takes seconds and says whether it was woken to stop.
    """

    def __init__(  # noqa: PLR0913  the last five are there for simulations, and have defaults
        self,
        poller: Poller,
        logbook: Logbook,
        interval_seconds: float,
        *,
        report: Callable[[str], object] = _log.critical,
        over: Callable[[str], object] = _log.warning,
        drought: Drought | None = None,
        clocks: Clocks = Clocks(),
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        self._poller, self._logbook = poller, logbook
        self._files = logbook.files
        self._interval_ns = round(interval_seconds * 1e9)
        self._report, self._over = report, over
        self._drought = drought or Drought()
        self._clocks = clocks
        self._stopping = Event()
        self._wait = wait or self._stopping.wait
        self._backoff = Backoff(*PAUSES)
        self._ticks = 0
        self._missed: Counter[str] = Counter()
        self._unforeseen = 0  # rows
        self._has_failed = False  # since its newest tick
        self._is_missing = False  # ticks, as its newest one found
        self._late_ns = self._most_late_ns = self._late_ticks = 0
        self._thread = Thread(target=self.run, name="recorder", daemon=True)
        poller.resume(from_state(logbook.state.parked, clocks.now(), clocks.monotonic()))

    @property
    def last_row_at(self) -> datetime | None:
        """When the newest row in the files arrived; None before the first."""
        return self._files.last_row_at

    @property
    def state(self) -> State:
        """How things stood after the newest tick, or when the process before ended."""
        return self._logbook.state

    def tally(self) -> Tally:
        """What became of all that was due so far; exact once the recorder has stopped."""
        sources = len(self._poller.sources)
        missing = Counter({cause: count * sources for cause, count in self._missed.items()})
        for (_, cause), count in self._poller.missing.copy().items():
            missing[cause] += count
        missing["unforeseen"] += self._unforeseen
        missing["disk"] += self._files.refused
        missing["deleted"] += self._files.deleted
        return Tally(
            sources,
            self._ticks,
            +self._missed,
            self._files.rows,
            self._files.waiting,
            +missing,
            self._late_ns / 1e9,
            self._most_late_ns / 1e9,
            self._late_ticks,
        )

    def figures(self) -> Figures:
        """How every source fares, and what is known of the rows that came from nobody."""
        state, missing = self.state, self._poller.missing.copy()
        names = tuple(source.name for source in self._poller.sources)
        for cause, count in self._missed.copy().items():
            missing.update({(name, cause): count for name in names})
        of_nobody = {"unforeseen": self._unforeseen, "disk": self._files.refused}
        of_nobody["deleted"] = self._files.deleted
        missing.update({("", cause): count for cause, count in of_nobody.items()})
        return Figures(
            kind="recorder",
            sources=names,
            tally=self.tally(),
            last=state.last,
            parked=state.parked,
            given=self._files.given.copy(),
            missing=+missing,
            last_row_at=self.last_row_at,
            disk_refuses=self._files.is_refused,
        )

    def summary(self) -> str:
        """What was written, and what is missing and why."""
        return str(self.tally())

    def own_paths(self) -> set[str]:
        """The files that only this recorder writes, by appending; relative POSIX paths."""
        return self._files.paths()

    def start(self) -> None:
        """Record from the next point of the grid on."""
        self._thread.start()

    def stop(self) -> None:
        """Return when the tick that runs has been written and the files are closed."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._poller.close()
        self._files.close()

    def kill(self) -> None:
        """Nothing: what it has started ends with the process."""

    def tick(self) -> None:
        """Ask every source once, write one row for each that answered in time, and sum up."""
        at, quotes = self._clocks.now(), self._poller.poll()
        parked = to_state(self._poller.parked(), self._clocks.now(), self._clocks.monotonic())
        self._logbook.enter(at, quotes, parked)

    def run(self) -> None:
        """Record until told to stop, and begin again after any error."""
        grid = Grid(self._interval_ns, self._clocks.wall_ns(), self._clocks.monotonic_ns())
        while not self._record(grid) and not self._wait(self._backoff.next()):
            self._has_failed = True

    def _record(self, grid: Grid) -> bool:
        """Follow the grid until told to stop; False for an error that nobody foresaw."""
        try:
            while not self._wait(grid.seconds_to_next(self._clocks.wall_ns())):
                passed = grid.look(self._clocks.wall_ns(), self._clocks.monotonic_ns())
                if passed.points:
                    self._take_place(passed)
        except Exception as error:  # noqa: BLE001  whatever it is, it must not end the recording
            _log.exception("The recorder failed")
            self._report(f"the recorder failed and begins again: {error!r}")
            return False
        return True

    def _take_place(self, passed: Passed) -> None:
        """One tick for all the points that were passed, and a count of the others."""
        had_failed = self._has_failed
        self._count_missed(passed)
        self._late_ns, self._most_late_ns = passed.late_ns, max(self._most_late_ns, passed.late_ns)
        self._ticks += 1
        self._late_ticks += passed.late_ns * LATE_PART > self._interval_ns
        accounted, taken = self._accounted(), self._files.taken
        try:
            self.tick()
        finally:
            self._drought.see(self._files.taken - taken)
            self._unforeseen += len(self._poller.sources) + accounted - self._accounted()
        self._backoff.reset()
        if had_failed:
            self._over("the recorder records again")

    def _count_missed(self, passed: Passed) -> None:
        """Count the ticks that cannot take place any more; of a row of them the first is told."""
        cause = "restart" if self._has_failed else "clock" if passed.was_set else "overrun"
        missed, self._has_failed = passed.points - 1, False
        if missed and not self._is_missing:
            _log.warning("%d ticks were missed (%s)", missed, cause)
        elif self._is_missing and not missed:
            _log.warning("Ticks are in time again; %d were missed so far", self._missed.total())
        self._is_missing = bool(missed)
        self._missed[cause] += missed

    def _accounted(self) -> int:
        """Rows of which it is known what became of them."""
        return self._files.taken + self._poller.missing.total()


def deadline(interval_seconds: float) -> float:
    """Seconds that a tick waits for answers: four fifths of the interval.

    At least half a second, which only a replay's short intervals meet, because a busy machine
    can delay any answer; at most ten, because a stopping logger waits for its tick.
    """
    return min(max(0.8 * interval_seconds, SHORTEST), LONGEST)
