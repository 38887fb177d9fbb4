"""What the recorders should have recorded, told by the platform's events and the grid of time."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import ceil, floor

from emulators.render_events import RenderEvent, What
from soak.ledger import Row

_STOPS = (What.TERMINATED, What.KILLED, What.ENDED)
ALLOWED = 2  # ticks of a run: around its first and its last moment


@dataclass(frozen=True)
class Run:
    """The life of one logger process, as far as ticks were due in it."""

    logger: str
    disk: str
    since: float  # the tick of the first row, or when there should have been one
    until: float
    rows: tuple[float, ...]  # their own times

    def due(self, interval: float) -> int:
        """Points of the grid that it lived through."""
        return len(self._points(interval))

    def missing(self, interval: float, stalls: Collection[int] = ()) -> int:
        """Ticks of which there is no row, less those that are allowed.

        Nor do those count that the machine stood still for, numbered since 1970.
        """
        stalled = sum(point in self._points(interval) for point in stalls)
        return max(self.due(interval) - len(self.rows) - stalled - ALLOWED, 0)

    def _points(self, interval: float) -> range:
        return range(ceil(self.since / interval), floor(self.until / interval) + 1)

    def pauses(self, interval: float) -> list[tuple[float, float]]:
        """When it recorded nothing for longer than it should: since when, and how long."""
        known = [self.since, *self.rows, self.until]
        lengths = [(one, other - one) for one, other in pairwise(known)]
        return [(at, length) for at, length in lengths if length > 1.5 * interval]

    def overlaps(self, other: "Run", interval: float) -> bool:
        """Whether both recorded at the same time, for more than a moment."""
        if self.disk == other.disk or not (self.rows and other.rows):
            return False
        first, last = max(self.rows[0], other.rows[0]), min(self.rows[-1], other.rows[-1])
        return last - first >= interval


def runs(
    rows: Iterable[Row], events: Sequence[RenderEvent], now: float, interval: float
) -> list[Run]:
    """Every process that was healthy once, or wrote a row."""
    by_logger: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_logger[row.logger].append(row)
    recorded = [_recorded(own, events, now, interval) for own in by_logger.values()]
    return recorded + _silent(recorded, events, now)


def _recorded(rows: list[Row], events: Sequence[RenderEvent], now: float, interval: float) -> Run:
    """The run of a logger that has written something."""
    first = rows[0]
    lives = [one.at for one in events if one.instance == first.disk and one.what is What.LIVE]
    began = _before(first.at, events, first.disk)
    live = min((at for at in lives if at >= began), default=first.at)
    since = min(live, first.time - first.time % interval)
    until = _stop(began, events, first.disk, now)
    return Run(first.logger, first.disk, since, until, tuple(row.time for row in rows))


def _silent(known: list[Run], events: Sequence[RenderEvent], now: float) -> list[Run]:
    """Runs that got traffic and wrote nothing."""
    silent = []
    for event in events:
        if event.what is not What.LIVE:
            continue
        until = _stop(event.at, events, event.instance, now)
        spans = [run for run in known if run.disk == event.instance]
        if not any(run.since <= until and event.at <= run.until for run in spans):
            silent.append(Run("none", event.instance, event.at, until, ()))
    return silent


def _before(at: float, events: Sequence[RenderEvent], disk: str) -> float:
    """When the process was started that lived then."""
    starts = [one.at for one in events if one.instance == disk and one.what is What.STARTED]
    return max((start for start in starts if start <= at), default=0)


def _stop(began: float, events: Sequence[RenderEvent], disk: str, now: float) -> float:
    """When it was told, or made, to stop."""
    stops = [one.at for one in events if one.instance == disk and one.what in _STOPS]
    return min((stop for stop in stops if stop >= began), default=now)


def overlaps(lived: Sequence[Run], interval: float) -> int:
    """Pairs of instances that recorded at the same time."""
    return sum(one.overlaps(other, interval) for one, other in combinations(lived, 2))


def lateness(rows: Iterable[Row], interval: float) -> list[float]:
    """Seconds from the last point of the grid to each row, in rising order."""
    return sorted(row.time % interval for row in rows)
