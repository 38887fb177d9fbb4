"""Where rows are missing, and where a line breaks for it."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from charts.price_gaps import Span, gap_seconds, gaps, recorded, unbroken
from reading.price_minutes import Doubted, Priced, SourceMinutes

WINDOW = Span(0, 86_400)
LIMIT = 120.0


def priced(first: float, last: float) -> Priced:
    """Rows of these times, all at the same price."""
    return Priced(first, last, 2, 50_000, 50_000, 50_000)


def minutes(*spans: tuple[float, float]) -> SourceMinutes:
    """Of one source, with a price in each."""
    return SourceMinutes("BTC-USD", {int(one[0] // 60): priced(*one) for one in spans})


def test_a_late_row_is_no_gap() -> None:
    """Two minutes without one are none yet; with a long interval, two and a half of those."""
    assert (gap_seconds(5), gap_seconds(60), gap_seconds(3600)) == (120, 150, 9000)


def test_rows_are_there_where_any_source_has_some() -> None:
    """Doubtful ones too: something was recorded."""
    kraken, gemini = minutes((0, 55), (600, 655)), minutes((60, 115))
    gemini.doubted[3] = Doubted(180, 235, 5, 1, {"stale": 5})
    assert recorded([kraken, gemini], LIMIT) == [(0, 235), (600, 655)]
    assert recorded([], LIMIT) == []


def test_what_is_missing_lies_between_and_at_the_end() -> None:
    """Before the first row only if something had been recorded before that."""
    there = [Span(1000, 2000), Span(3000, 86_000)]
    later = [Span(2000, 3000), Span(86_000, 86_400)]
    assert gaps(there, WINDOW, LIMIT, is_older_there=False) == later
    assert gaps(there, WINDOW, LIMIT, is_older_there=True) == [Span(0, 1000), *later]


def test_up_to_the_limit_nothing_is_missing() -> None:
    """Neither between nor at an end."""
    there = [Span(120, 1000), Span(1120, 86_280)]
    assert gaps(there, WINDOW, LIMIT, is_older_there=True) == []


def test_a_line_breaks_at_a_gap_alone() -> None:
    """Each stroke has the minutes between two of them."""
    one, two, three = priced(0, 55), priced(170, 175), priced(296, 300)
    assert unbroken([one, two, three], LIMIT) == [[one, two], [three]]


def test_how_long_a_gap_is_is_told_in_hours_and_minutes() -> None:
    """To the minute."""
    spans = [Span(0, 125), Span(0, 3_600), Span(0, 4_325)]
    assert [span.words for span in spans] == ["2 min", "1 h 0 min", "1 h 12 min"]


@given(st.sets(st.integers(0, 1439), min_size=1), st.booleans(), st.integers(120, 9000))
def test_gaps_and_what_is_there_make_up_the_day(
    there: set[int], is_older: bool, limit: int
) -> None:
    """None of them overlap, and each gap is longer than the limit."""
    spans = recorded([minutes(*((minute * 60, minute * 60 + 55) for minute in there))], limit)
    missing = gaps(spans, WINDOW, limit, is_older_there=is_older)
    both = sorted([*spans, *missing])
    assert all(one.end <= other.start for one, other in pairwise(both))
    assert all(gap.seconds > limit for gap in missing)
    first = WINDOW.start if is_older else spans[0].start
    left = WINDOW.end - first - sum(span.seconds for span in both)
    assert left <= limit * 2
