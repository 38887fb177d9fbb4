"""Writes down what the sources say at each point of a wall-clock grid.

The thread goes on whatever a tick meets: a failing source, a full disk or a suspended machine
costs the rows that could not be had, and nothing after them.
"""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from threading import Event, Thread

from polling import Poller
from price_file import PriceFiles
from quote import Source

_log = logging.getLogger(__name__)


class Recorder:
    """Asks `sources` every `interval_seconds` and appends to files below `data_dir`.

    `instance` tells this process's files from another's. `clock_ns` gives wall-clock
    nanoseconds since 1970; `wait` takes seconds and says whether it was woken to stop.
    """

    def __init__(  # noqa: PLR0913  the last two are there for tests, and have defaults
        self,
        sources: Sequence[Source],
        data_dir: Path,
        instance: str,
        interval_seconds: float,
        *,
        clock_ns: Callable[[], int] = time.time_ns,
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        self.ticks = 0  # begun, whether or not they gave a row
        self._interval_ns = round(interval_seconds * 1e9)
        self._poller = Poller(sources, deadline(interval_seconds))
        self._files = PriceFiles(data_dir, instance)
        self._clock_ns = clock_ns
        self._stopping = Event()
        self._wait = wait or self._stopping.wait
        self._thread = Thread(target=self._run, name="recorder", daemon=True)

    @property
    def rows_written(self) -> int:
        """Rows that are in the files."""
        return self._files.rows

    @property
    def last_row_at(self) -> datetime | None:
        """When the newest row in the files arrived; None before the first."""
        return self._files.last_row_at

    @property
    def failures(self) -> dict[str, int]:
        """How many polls got no answer in time, by the name of the source."""
        return dict(self._poller.failures)

    @property
    def late(self) -> dict[str, int]:
        """How many answers came after the deadline and were dropped, by source."""
        return dict(self._poller.late)

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

    def tick(self) -> None:
        """Ask every source once, and write one row for each that answered in time."""
        self.ticks += 1
        self._files.write(self._poller.poll())

    def _run(self) -> None:
        while not self._stopping.is_set():
            now = self._clock_ns()
            due = next_point(now, self._interval_ns)
            if self._wait((due - now) / 1e9):
                return
            # Before its time: woken a hair early, or the clock was set back meanwhile.
            if self._clock_ns() >= due:
                self._try_tick()

    def _try_tick(self) -> None:
        try:
            self.tick()
        except Exception:  # noqa: BLE001  a fault of one tick must not end the recording
            _log.exception("A tick failed; recording goes on at the next")


def next_point(now_ns: int, interval_ns: int) -> int:
    """The first multiple of the interval after now, so a long pause gives one tick, no burst."""
    return (now_ns // interval_ns + 1) * interval_ns


def deadline(interval_seconds: float) -> float:
    """Seconds that a tick waits for answers: four fifths of the interval.

    At least half a second, which only a replay's short intervals meet, because a busy machine
    can delay any answer; at most ten, because a stopping logger waits for its tick.
    """
    return min(max(0.8 * interval_seconds, 0.5), 10)
