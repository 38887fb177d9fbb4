"""A year of a recorder, process after process, and a book of what was due and what is there.

What was due is counted by the clock, what is there by reading the files, and what the exchanges
gave by themselves; the recorder's own figures have to agree with all three.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import partial
from math import inf
from pathlib import Path
from unittest.mock import patch

from emulators.exchanges import ExchangeServers
from judging.sanity import check_range
from market import kept_connection
from market.exchange import Exchange
from market.exchanges import KINDS
from polling.poller import Poller
from record.logbook import Logbook
from record.price_files import PriceFiles
from shared.settings import LoggerSettings
from writing.recorder import Clocks, Recorder, deadline
from writing.tally import Tally
from year.clock import SECOND, SimulatedClock
from year.disk import SimulatedDisk
from year.machine import SimulatedMachine
from year.market import SimulatedMarket
from year.plan import Kind, Plan
from year.recorders import LIMITS

START = 1_798_761_600  # 2027-01-01T00:00:00Z
WAITING_ROWS = 1_500  # that the memory has room for: less than a disk that is full for days brings
DEFAULTS = LoggerSettings.model_construct()


@dataclass
class Book:
    """What became of everything that was due, over all processes."""

    processes: int = 0
    due: int = 0  # ticks
    ticks: int = 0  # that took place
    written: Counter[str] = field(default_factory=Counter)  # rows, by instance
    missing: Counter[str] = field(default_factory=Counter)  # rows, by cause
    problems: list[str] = field(default_factory=list)  # what does not agree
    most_late_seconds: float = 0  # of a tick after its time

    @property
    def adds_up(self) -> bool:
        """Whether every row that was due is written, or missing for one cause."""
        return self.due * len(KINDS) == self.written.total() + self.missing.total()


class Simulation:
    """One plan lived through in `data_dir`, with a tick every `interval` seconds.

    `watch` is called before each wait with the seconds that have gone by.
    """

    def __init__(
        self,
        plan: Plan,
        data_dir: Path,
        interval: int,
        seed: int,
        watch: Callable[[float], object] = lambda _: None,
    ) -> None:
        self.book = Book()
        self._data_dir, self._interval, self._watch = data_dir, interval, watch
        self._clock = SimulatedClock(START * SECOND, interval * SECOND)
        self._clocks = Clocks(self._clock.wall_ns, self._clock.monotonic_ns)
        self._servers, self._disk = ExchangeServers(keep_requests=False), SimulatedDisk()
        self.machine = SimulatedMachine(plan, self._clock, self._disk)
        self.market = SimulatedMarket(self._servers, plan, self._clock, seed)

    def run(self) -> None:
        """Live through the plan, process after process."""
        # An interval is milliseconds of real time: connections are as fresh as they were.
        with self._servers, self._disk, patch.object(kept_connection, "LONGEST_IDLE", inf):
            while not self.machine.is_over:
                self.book.processes += 1
                with ExitStack() as connections:
                    exchanges = [
                        connections.enter_context(closing(self._open(name))) for name in KINDS
                    ]
                    self._live(f"{self.book.processes:08x}", exchanges)
                self._stand_still()
        self.book.due = self._clock.due

    def _live(self, instance: str, exchanges: Sequence[Exchange]) -> None:
        """One process, from its start to its end."""
        due = self._clock.due
        poller = Poller(
            exchanges,
            deadline(self._interval),
            partial(check_range, limits=LIMITS),
            gather=self.market.end_tick,
            monotonic=self._clock.monotonic,
            pause=lambda _: False,
        )
        files = PriceFiles(self._data_dir, instance, WAITING_ROWS)
        logbook = Logbook(files, exchanges, LIMITS, self._interval, self._clock.now())
        recorder = Recorder(poller, logbook, self._interval, clocks=self._clocks, wait=self._wait)
        recorder.run()
        self.market.end_process()
        cause = "disk"
        if self.machine.ending and self.machine.ending.kind is Kind.KILL:
            cause = "killed"
            self._disk.kill()
            poller.close()
        else:
            recorder.stop()
        self._enter(instance, recorder.tally(), self._clock.due - due, cause)

    def _enter(self, instance: str, tally: Tally, due: int, cause: str) -> None:
        """Book what became of a process's rows; those that still wait are lost to the cause."""
        if tally.ticks_due != due:
            self.book.problems.append(f"{instance} counts {tally.ticks_due} ticks of {due}")
        if not tally.adds_up:
            self.book.problems.append(f"{instance} does not add up: {tally}")
        self.book.ticks += tally.ticks
        self.book.written[instance] = tally.rows_written
        self.book.missing += tally.missing
        self.book.missing[cause] += tally.rows_waiting
        self.book.most_late_seconds = max(self.book.most_late_seconds, tally.most_late_seconds)

    def _stand_still(self) -> None:
        """No process runs for a while."""
        if self.machine.ending:
            due = self._clock.due
            self._clock.elapse(self.machine.ending.seconds)
            self.book.missing["stopped"] += (self._clock.due - due) * len(KINDS)

    def _wait(self, seconds: float) -> bool:
        self._watch(self.machine.elapsed)
        is_over = self.machine.wait(seconds)
        self.market.begin_tick()
        return is_over

    def _open(self, name: str) -> Exchange:
        kind = KINDS[name]
        return kind(
            self._servers.url,
            partial(self.market.now, name),
            partial(self.market.monotonic, name),
            DEFAULTS.stale_seconds_coarse if kind.coarse_time else DEFAULTS.stale_seconds,
        )
