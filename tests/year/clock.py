"""A simulated clock: it moves only when it is told to."""

from datetime import UTC, datetime

SECOND = 1_000_000_000  # nanoseconds


class SimulatedClock:
    """A wall clock and a monotonic one, in nanoseconds.

    `due` counts the multiples of `interval_ns` that the wall clock passed, whether time went by
    or somebody set it: what a recorder with that interval should have ticked for.
    """

    def __init__(self, wall_ns: int, interval_ns: int) -> None:
        self.due = 0
        self._wall, self._monotonic = wall_ns, 7 * SECOND
        self._interval = interval_ns
        self._passed = wall_ns // interval_ns  # the newest point that was passed

    def wall_ns(self) -> int:
        """As `time.time_ns`."""
        return self._wall

    def monotonic_ns(self) -> int:
        """As `time.monotonic_ns`."""
        return self._monotonic

    def monotonic(self) -> float:
        """As `time.monotonic`."""
        return self._monotonic / SECOND

    def now(self) -> datetime:
        """The wall clock's time, aware."""
        return datetime.fromtimestamp(self._wall / SECOND, UTC)

    def elapse(self, seconds: float) -> None:
        """Let time go by."""
        passed = round(seconds * SECOND)
        self._monotonic += passed
        self._move(passed)

    def set_by(self, seconds: float) -> None:
        """Set the wall clock, back if negative; or suspend the machine, which looks the same."""
        self._move(round(seconds * SECOND))
        self._passed = self._wall // self._interval  # points set back to will be passed again

    def slew(self, seconds: float) -> None:
        """Correct the wall clock as a time service does: no point is passed twice for it."""
        self._move(round(seconds * SECOND))

    def _move(self, nanoseconds: int) -> None:
        self._wall += nanoseconds
        point = self._wall // self._interval
        self.due += max(point - self._passed, 0)
        self._passed = max(point, self._passed)
