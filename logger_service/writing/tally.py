"""What became of every tick and every row that was due; each one is counted exactly once."""

from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True)
class Tally:
    """Since the recorder's start.

    `missed` are the ticks that did not take place, by cause: `clock` when the machine was
    suspended or its clock set ahead, `overrun` when the tick before took too long, `restart` when
    the recorder had failed. `missing` are the rows that were due and are not there: those of the
    missed ticks, those that a source did not give (see `Poller`), `disk` for the ones that had no
    room while the disk refused them, `deleted` for the ones whose file somebody deleted, and
    `unforeseen`.
    """

    sources: int
    ticks: int  # that took place
    missed: Counter[str]
    rows_written: int
    rows_waiting: int  # for the disk
    missing: Counter[str]
    late_seconds: float  # of the newest tick, after its point of the grid
    most_late_seconds: float  # of the tick that was latest
    late_ticks: int = 0  # that began later than a tenth of the interval after their point

    @property
    def ticks_due(self) -> int:
        """Points of the grid that were passed."""
        return self.ticks + self.missed.total()

    @property
    def rows_due(self) -> int:
        """One for each source at each point."""
        return self.ticks_due * self.sources

    @property
    def adds_up(self) -> bool:
        """Whether each row that was due is written, waits, or is missing for a known cause."""
        return self.rows_due == self.rows_written + self.rows_waiting + self.missing.total()

    def __str__(self) -> str:
        """`123 rows written, 4 not taken by the disk, 5 missing (late 3, parked 2)`."""
        causes = ", ".join(f"{cause} {count}" for cause, count in self.missing.most_common())
        waiting = f", {self.rows_waiting} not taken by the disk" if self.rows_waiting else ""
        missing = f", {self.missing.total()} missing ({causes})" if causes else ""
        return f"{self.rows_written} rows written{waiting}{missing}"
