"""What is marked beside the lines: doubtful rows, and prices that lie beyond the chart's edge."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from charts.price_lines import thinned
from charts.price_plane import Place, Plane
from charts.price_scale import PriceScale, dollars
from reading.price_minutes import Doubted, Priced

MOST_MARKS = 120  # of doubtful rows, of all sources
_MINUTES_OF_A_MARK = (1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 240, 480, 1440)


@dataclass(frozen=True)
class Mark:
    """`shape` is `doubtful`, or `above` or `below` for what is put on that edge."""

    shape: str
    look: str
    place: Place
    title: str
    is_doubtful: bool


def doubtful_marks(
    source: str, look: str, doubted: dict[int, Doubted], plane: Plane, most: int
) -> Iterator[Mark]:
    """At most so many; one may stand for several minutes, and says so."""
    middle = (plane.scale.low + plane.scale.high) / 2
    for minutes in _grouped(doubted, most):
        shown = max(minutes, key=lambda one: abs(one.price - middle))
        rows = sum(one.rows for one in minutes)
        flags: Counter[str] = Counter()
        for one in minutes:
            flags.update(one.flags)
        what = ", ".join(f"{flag} {number}" for flag, number in flags.most_common())
        when = f"{clock(minutes[0].first)} to {clock(minutes[-1].last)} UTC"
        title = f"{source}: {rows} doubtful rows ({what}), {when}, {dollars(shown.price)}"
        yield Mark(
            _edge(shown.price, plane.scale) or "doubtful",
            look,
            plane.place(shown.last, shown.price),
            title,
            is_doubtful=True,
        )


def stray_marks(
    source: str, look: str, priced: Sequence[Priced], plane: Plane, bucket: int
) -> Iterator[Mark]:
    """The points of a line that are put on an edge, as many as the line has."""
    strays = [one for one in priced if not plane.scale.has(one.price)]
    for one in thinned(strays, bucket) if strays else []:
        title = f"{source}: {dollars(one.price)} at {clock(one.last)} UTC, beyond the edge"
        place = plane.place(one.last, one.price)
        yield Mark(_edge(one.price, plane.scale), look, place, title, is_doubtful=False)


def clock(at: float) -> str:
    """The time of the day, UTC."""
    return f"{datetime.fromtimestamp(at, UTC):%H:%M}"


def _edge(price: float, scale: PriceScale) -> str:
    if scale.has(price):
        return ""
    return "above" if price > scale.high else "below"


def _grouped(doubted: dict[int, Doubted], most: int) -> list[list[Doubted]]:
    """Minutes that lie together, in as few groups as are wanted."""
    for width in _MINUTES_OF_A_MARK:
        groups: defaultdict[int, list[Doubted]] = defaultdict(list)
        for minute, one in sorted(doubted.items()):
            groups[minute // width].append(one)
        if len(groups) <= most:
            break
    return list(groups.values())
