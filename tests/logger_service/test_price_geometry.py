"""Nothing that is drawn is outside of the chart, whatever was recorded."""

import re

from hypothesis import given
from hypothesis import strategies as st

from charts.price_plane import HEIGHT, WIDTH
from logger_service.drawn_prices import drawn, source
from reading.price_minutes import SourceMinutes
from reading.recent_prices import WINDOW_MINUTES

PRICE = st.one_of(st.floats(49_000, 51_000), st.floats(1e-8, 1e20))
MINUTES = st.dictionaries(st.integers(0, WINDOW_MINUTES - 1), PRICE, max_size=40)
SOURCE = st.builds(source, MINUTES, MINUTES).filter(lambda one: bool(one.priced or one.doubted))
SOURCES = st.dictionaries(
    st.sampled_from(["coinbase", "kraken", "replay-coinbase", "mine"]), SOURCE, min_size=1
)
NUMBER = r"\d+(?:\.\d+)?"
PATH = re.compile(rf"(?:M{NUMBER},{NUMBER}(?:h\.1|L{NUMBER},{NUMBER}(?: {NUMBER},{NUMBER})*))*")


@given(SOURCES, st.booleans())
def test_everything_is_within_the_chart(
    sources: dict[str, SourceMinutes], is_older_there: bool
) -> None:
    """Lines, their ends, marks, bands and ticks; and a path is one that a browser can draw."""
    chart = drawn(sources, has_older=is_older_there)
    for line in chart.lines:
        assert PATH.fullmatch(line.path)
        points = re.findall(rf"({NUMBER}),({NUMBER})", line.path)
        assert all(0 <= float(x) <= WIDTH and 0 <= float(y) <= HEIGHT for x, y in points)
        assert all(0 <= float(x) <= WIDTH for x in re.findall(rf"[MH]({NUMBER})", line.there))
    places = [*(mark.place for mark in chart.marks), *(tick.place for tick in chart.times)]
    places += [
        *(tick.place for tick in chart.prices),
        *(line.end for line in chart.lines if line.end),
    ]
    assert all(0 <= place.x <= WIDTH and 0 <= place.y <= HEIGHT for place in places)
    assert all(0 <= band.x < band.x + band.width <= WIDTH for band in chart.bands)


@given(SOURCES, st.booleans())
def test_each_point_is_where_its_time_is(
    sources: dict[str, SourceMinutes], is_older_there: bool
) -> None:
    """A line never goes back, and no row is left out of what is told."""
    chart = drawn(sources, has_older=is_older_there)
    for line in chart.lines:
        xs = [float(x) for x, _ in re.findall(rf"({NUMBER}),({NUMBER})", line.path)]
        assert xs == sorted(xs)
    told = sum(line.facts.rows for line in chart.lines)
    assert told == sum(map(_rows, sources.values()))


def _rows(found: SourceMinutes) -> int:
    priced, doubted = found.priced.values(), found.doubted.values()
    return sum(one.rows for one in priced) + sum(one.rows for one in doubted)
