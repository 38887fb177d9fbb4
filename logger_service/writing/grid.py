"""The wall-clock grid that ticks lie on, and what became of its points.

A machine that was suspended, or a clock that was set ahead, gives one tick and a count of what
was missed; a clock that was set back makes the points that lie before us due again.
"""

from dataclasses import dataclass

# What the two clocks may differ by before one of them counts as set: a time service slews the
# wall clock by at most half a millisecond a second.
STEP_NS = 500_000_000


@dataclass(frozen=True)
class Passed:
    """The points passed between two looks at the clocks."""

    points: int
    late_ns: int  # since the newest of them
    was_set: bool  # whether the wall clock moved otherwise than time went by


class Grid:
    """The multiples of an interval, in nanoseconds since 1970, as two clocks pass them.

    The wall clock places the points; the monotonic one tells when the wall clock was set.
    """

    def __init__(self, interval_ns: int, wall_ns: int, monotonic_ns: int) -> None:
        self._interval = interval_ns
        self._wall, self._monotonic = wall_ns, monotonic_ns

    def seconds_to_next(self, wall_ns: int) -> float:
        """How long until the first point after this time."""
        return (self._interval - wall_ns % self._interval) / 1e9

    def look(self, wall_ns: int, monotonic_ns: int) -> Passed:
        """The points passed since the last look; none if it is not yet time."""
        elapsed = monotonic_ns - self._monotonic
        step = wall_ns - self._wall - elapsed
        # Set back: the time that went by since lies before the new time, and was passed too.
        start = wall_ns - elapsed if step < -STEP_NS else self._wall
        points = max(wall_ns // self._interval - start // self._interval, 0)
        self._wall = max(self._wall, wall_ns) if not points and step >= -STEP_NS else wall_ns
        self._monotonic = monotonic_ns
        return Passed(points, wall_ns % self._interval, abs(step) > STEP_NS)
