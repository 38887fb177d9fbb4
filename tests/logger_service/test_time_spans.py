"""The spans of time that a chart's bars stand for, and the times that its axis names."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from charts.time_spans import LEAST, MOST, MOST_TICKS, spans_over
from shared.format import EARLIEST, LATEST

NEWEST = datetime(2026, 11, 22, 20, 31, 7, tzinfo=UTC)
LASTING = [
    timedelta(0),
    timedelta(minutes=3),
    timedelta(hours=7),
    timedelta(days=10),
    timedelta(days=365),
    timedelta(days=40 * 365),
]


@pytest.mark.parametrize("lasting", LASTING, ids=str)
def test_every_time_is_in_one_of_not_too_many_spans(lasting: timedelta) -> None:
    """From the oldest to the newest, whatever is between them."""
    spans = spans_over(NEWEST - lasting, NEWEST)
    assert LEAST <= spans.count <= MOST
    assert 0 <= spans.place(NEWEST - lasting) <= spans.place(NEWEST) == spans.count - 1
    assert spans.start(0) <= NEWEST - lasting
    assert spans.end > NEWEST


@pytest.mark.parametrize("lasting", LASTING, ids=str)
def test_an_axis_names_a_few_times_within_it(lasting: timedelta) -> None:
    """At equal distances."""
    spans = spans_over(NEWEST - lasting, NEWEST)
    ticks = list(spans.ticks())
    assert 1 <= len(ticks) <= MOST_TICKS + 1
    assert all(0 <= spans.share(at) < 1 for at in ticks)
    assert len({after - before for before, after in pairwise(ticks)}) <= 1


def test_spans_begin_where_a_person_would_let_them() -> None:
    """So a new backup moves no other into the next bar."""
    spans = spans_over(NEWEST - timedelta(hours=50), NEWEST)
    assert spans.seconds == 1800
    assert (spans.begin.minute % 30, spans.begin.second) == (0, 0)


def test_an_axis_tells_days_where_a_time_would_not_tell_which() -> None:
    """And times of day within one."""
    days = spans_over(NEWEST - timedelta(hours=50), NEWEST)
    assert [f"{at:%d %H:%M}" for at in days.ticks()] == ["21 00:00", "22 00:00"]
    assert days.has_days
    hours = spans_over(NEWEST - timedelta(hours=9), NEWEST)
    assert [f"{at:%H:%M}" for at in hours.ticks()] == ["12:00", "14:00", "16:00", "18:00", "20:00"]
    assert not hours.has_days


def test_the_oldest_and_the_newest_time_there_is_have_spans() -> None:
    """A backup whose clock was wrong is in the chart, with all others."""
    spans = spans_over(EARLIEST, LATEST - timedelta(seconds=1))
    assert 0 <= spans.share(EARLIEST) <= spans.share(LATEST) <= 1
    assert len(list(spans.ticks())) <= MOST_TICKS + 1
