"""A line for each source, thinned to what a screen can show, and what is told of it in a table."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from charts.price_gaps import Span, unbroken
from charts.price_plane import Place, Plane
from market.exchanges import KINDS
from market.quote import SYMBOL
from reading.price_minutes import MINUTE_SECONDS, Priced, SourceMinutes

MOST_POINTS = 480  # of a line
MOST_POINTS_IN_ALL = 1800
HUES, DASHES = 6, 5  # in charts.css; no two of thirty lines look the same


@dataclass(frozen=True)
class PriceLine:
    """How one source is drawn: `look` are its classes, `end` is its newest place."""

    source: str
    symbol: str  # empty where it is the usual one
    look: str
    path: str
    end: Place | None
    there: str  # the path of where it has rows
    facts: "PriceFacts"


@dataclass(frozen=True)
class PriceFacts:
    """What is told of one source in words; no price where all of its rows are doubtful."""

    newest: float | None
    lowest: float | None
    highest: float | None
    rows: int
    doubtful: int
    flags: Mapping[str, int]
    gaps: int
    longest_gap: Span | None
    missing_seconds: float


def in_order(sources: Iterable[str]) -> list[str]:
    """Those that we know in the order in which they are documented, then others by name."""
    known = list(KINDS)
    return sorted(sources, key=lambda name: (name not in known, *_rank(known, name), name))


def _rank(known: Sequence[str], name: str) -> tuple[int, ...]:
    return (known.index(name),) if name in known else ()


def look_of(position: int) -> str:
    """The classes that tell a line from the others, by colour and by dashes."""
    return f"hue-{position % HUES + 1} dash-{position % DASHES + 1}"


def bucket_minutes(window: Span, sources: int) -> int:
    """Minutes that are one point of a line."""
    points = min(MOST_POINTS, MOST_POINTS_IN_ALL // max(sources, 1))
    return max(1, -int(-window.seconds // (MINUTE_SECONDS * points)))


def path_of(minutes: Sequence[Priced], plane: Plane, limit: float, bucket: int) -> str:
    """One stroke for each part without a gap; a part of one point is a dot."""
    return "".join(
        _stroke([plane.place(point.last, point.price) for point in thinned(part, bucket)])
        for part in unbroken(minutes, limit)
    )


def thinned(minutes: Sequence[Priced], bucket: int) -> list[Priced]:
    """The first, and the newest of each bucket."""
    newest = {int(one.last // MINUTE_SECONDS) // bucket: one for one in minutes}
    points = list(newest.values())
    return points if points[0] is minutes[0] else [minutes[0], *points]


def _stroke(places: Sequence[Place]) -> str:
    if len(places) == 1:
        return f"M{places[0]}h.1"
    return f"M{places[0]}L" + " ".join(map(str, places[1:]))


def unusual_symbol(minutes: SourceMinutes) -> str:
    """What it quotes, if it is not what the others do."""
    return "" if minutes.symbol == SYMBOL else minutes.symbol


def lane_of(there: Sequence[Span], plane: Plane) -> str:
    """A bar that has a hole for each gap, however close the lines of the others are."""
    bars = ((plane.x(span.start), plane.x(span.end)) for span in there)
    return "".join(f"M{start:g} 5H{max(end, start + 0.1):g}" for start, end in bars)


def facts_of(minutes: SourceMinutes, missing: Sequence[Span]) -> PriceFacts:
    """For a source with at least one row."""
    priced, doubted = list(minutes.priced.values()), list(minutes.doubted.values())
    newest = max(priced, key=lambda one: one.last, default=None)
    flags: Counter[str] = Counter()
    for one in doubted:
        flags.update(one.flags)
    doubtful = sum(one.rows for one in doubted)
    return PriceFacts(
        newest=newest.price if newest else None,
        lowest=min((one.lowest for one in priced), default=None),
        highest=max((one.highest for one in priced), default=None),
        rows=sum(one.rows for one in priced) + doubtful,
        doubtful=doubtful,
        flags=dict(flags.most_common()),
        gaps=len(missing),
        longest_gap=max(missing, key=lambda gap: gap.seconds, default=None),
        missing_seconds=sum(gap.seconds for gap in missing),
    )
