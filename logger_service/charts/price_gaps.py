"""Where rows are there without a break, and where they are missing; times in seconds since 1970."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import NamedTuple

from reading.price_minutes import MINUTE_SECONDS, Priced, SourceMinutes

SHORTEST_GAP_SECONDS = 2 * MINUTE_SECONDS
INTERVALS = 2.5  # without a row: one that is late, or left out once, is no gap yet


class Span(NamedTuple):
    """From one time to a later one."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        """How long that is."""
        return self.end - self.start

    @property
    def words(self) -> str:
        """The same, such as `1 h 12 min`."""
        hours, minutes = divmod(round(self.seconds / MINUTE_SECONDS), 60)
        return f"{hours} h {minutes} min" if hours else f"{minutes} min"

    @property
    def started_at(self) -> datetime:
        """When it begins."""
        return datetime.fromtimestamp(self.start, UTC)

    @property
    def ended_at(self) -> datetime:
        """When it is over."""
        return datetime.fromtimestamp(self.end, UTC)


def gap_seconds(interval_seconds: float) -> float:
    """More than so many without a row are a gap."""
    return max(SHORTEST_GAP_SECONDS, INTERVALS * interval_seconds)


def recorded(sources: Iterable[SourceMinutes], limit: float) -> list[Span]:
    """Where at least one of them has rows, doubtful ones too, in order and without a gap."""
    found: list[Span] = []
    for span in sorted(span for minutes in sources for span in _spans(minutes)):
        if found and span.start - found[-1].end <= limit:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found


def gaps(there: Sequence[Span], window: Span, limit: float, *, is_older_there: bool) -> list[Span]:
    """What is missing between, and up to the window's end.

    Before the first row nothing is missing, unless something had been recorded before the window.
    """
    ends = [*there, Span(window.end, window.end)]
    if is_older_there:
        ends.insert(0, Span(window.start, window.start))
    between = (Span(one.end, other.start) for one, other in pairwise(ends))
    return [gap for gap in between if gap.seconds > limit]


def unbroken(minutes: Iterable[Priced], limit: float) -> list[list[Priced]]:
    """The minutes that one stroke of a line goes through, and those of the next."""
    strokes: list[list[Priced]] = []
    for minute in minutes:
        if strokes and minute.first - strokes[-1][-1].last <= limit:
            strokes[-1].append(minute)
        else:
            strokes.append([minute])
    return strokes


def _spans(minutes: SourceMinutes) -> Iterable[Span]:
    for priced in minutes.priced.values():
        yield Span(priced.first, priced.last)
    for doubted in minutes.doubted.values():
        yield Span(doubted.first, doubted.last)
