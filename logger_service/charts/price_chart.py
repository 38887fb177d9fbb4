"""The chart of the last hours' prices as geometry: lines, marks, gaps, and both axes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from charts.price_axes import Tick, price_ticks, time_ticks
from charts.price_gaps import Span, gap_seconds, gaps, recorded
from charts.price_lines import (
    PriceLine,
    bucket_minutes,
    facts_of,
    in_order,
    lane_of,
    look_of,
    path_of,
    unusual_symbol,
)
from charts.price_marks import MOST_MARKS, Mark, clock, doubtful_marks, stray_marks
from charts.price_plane import BOTTOM, TOP, Place, Plane
from charts.price_scale import scale_of
from reading.price_minutes import MINUTE_SECONDS, SourceMinutes
from reading.recent_prices import WINDOW_MINUTES, PricesSeen

# Minutes that a chart can have, and those between its times.
WINDOWS = {15: 5, 60: 15, 180: 30, 360: 60, 720: 120, WINDOW_MINUTES: 240}
_LEAST_BAND = 1.5
_ROOM_FOR_WORDS = 90


@dataclass(frozen=True)
class Band:
    """Where no source has a row."""

    x: float
    width: float
    title: str
    words_at: Place | None  # where there is room for words


@dataclass(frozen=True)
class PriceChart:
    """All that is drawn; nothing of it is outside of the viewBox."""

    minutes: int
    start: datetime
    end: datetime
    since: datetime
    lines: tuple[PriceLine, ...]
    marks: tuple[Mark, ...]
    doubtful_minutes: int
    bands: tuple[Band, ...]
    prices: tuple[Tick, ...]
    times: tuple[Tick, ...]
    lowest: float | None  # None where all rows are doubtful
    highest: float | None
    gap_seconds: float
    missing_seconds: float  # in which no source has rows

    @property
    def doubtful_marks(self) -> int:
        """Each stands for one minute or more."""
        return sum(mark.is_doubtful for mark in self.marks)

    @property
    def with_own_gaps(self) -> tuple[PriceLine, ...]:
        """Those that lack what others have."""
        by_all = self.missing_seconds + MINUTE_SECONDS  # no two answer in the same moment
        return tuple(line for line in self.lines if line.facts.missing_seconds > by_all)

    @property
    def has_strays(self) -> bool:
        """Whether a price lies beyond an edge."""
        return any(mark.shape != "doubtful" for mark in self.marks)


def price_chart(seen: PricesSeen, interval_seconds: float) -> PriceChart | None:
    """None where no row at all was recorded in these hours."""
    limit = gap_seconds(interval_seconds)
    there = recorded(seen.sources.values(), limit)
    if not there:
        return None
    minutes = _minutes(seen, there[0].start)
    window = Span((seen.end - minutes) * MINUTE_SECONDS, seen.end * MINUTE_SECONDS)
    priced = [one for source in seen.sources.values() for one in source.priced.values()]
    doubted = [one for source in seen.sources.values() for one in source.doubted.values()]
    plane = Plane(window, scale_of([one.price for one in priced or doubted]))
    missing = gaps(there, window, limit, is_older_there=seen.has_older)
    lines = _lines(seen, plane, limit)
    return PriceChart(
        minutes=minutes,
        start=window.started_at,
        end=window.ended_at,
        since=there[0].started_at,
        lines=lines,
        marks=_marks(seen.sources, lines, plane),
        doubtful_minutes=len(doubted),
        bands=tuple(_band(gap, plane) for gap in missing),
        prices=price_ticks(plane),
        times=time_ticks(plane, WINDOWS[minutes]),
        lowest=min((one.lowest for one in priced), default=None),
        highest=max((one.highest for one in priced), default=None),
        gap_seconds=limit,
        missing_seconds=sum(gap.seconds for gap in missing),
    )


def _minutes(seen: PricesSeen, first: float) -> int:
    """A recording that has only just begun fills its chart."""
    if seen.has_older:
        return WINDOW_MINUTES
    needed = seen.end - first / MINUTE_SECONDS
    return next((minutes for minutes in WINDOWS if minutes >= needed), WINDOW_MINUTES)


def _lines(seen: PricesSeen, plane: Plane, limit: float) -> tuple[PriceLine, ...]:
    bucket = bucket_minutes(plane.window, len(seen.sources))
    lines = []
    for position, source in enumerate(in_order(seen.sources)):
        minutes = seen.sources[source]
        priced = minutes.in_time()
        there = recorded([minutes], limit)
        missing = gaps(there, plane.window, limit, is_older_there=seen.has_older)
        lines.append(
            PriceLine(
                source=source,
                symbol=unusual_symbol(minutes),
                look=look_of(position),
                path=path_of(priced, plane, limit, bucket),
                end=plane.place(priced[-1].last, priced[-1].price) if priced else None,
                there=lane_of(there, plane),
                facts=facts_of(minutes, missing),
            )
        )
    return tuple(lines)


def _marks(
    sources: Mapping[str, SourceMinutes], lines: tuple[PriceLine, ...], plane: Plane
) -> tuple[Mark, ...]:
    bucket = bucket_minutes(plane.window, len(sources))
    most = MOST_MARKS // max(1, sum(bool(minutes.doubted) for minutes in sources.values()))
    marks: list[Mark] = []
    for line in lines:
        minutes = sources[line.source]
        marks += stray_marks(line.source, line.look, minutes.in_time(), plane, bucket)
        marks += doubtful_marks(line.source, line.look, minutes.doubted, plane, most)
    return tuple(marks)


def _band(gap: Span, plane: Plane) -> Band:
    x = plane.x(gap.start)
    width = round(max(plane.x(gap.end) - x, _LEAST_BAND), 1)
    title = f"No rows from {clock(gap.start)} to {clock(gap.end)} UTC"
    middle = Place(round(x + width / 2, 1), (TOP + BOTTOM) / 2)
    return Band(x, width, title, middle if width > _ROOM_FOR_WORDS else None)
