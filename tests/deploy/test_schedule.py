"""An interval becomes a line of cron that says just that, or is refused."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from croniter import croniter
from hypothesis import given
from hypothesis import strategies as st

from scheduling.schedule import DAY, EXPRESSIBLE, HOUR, WEEK, cron_of, daily, nearest

MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def gaps(cron: str, start: datetime, span: timedelta) -> set[timedelta]:
    """The times between the executions that a line of cron brings in a span."""
    times = croniter(cron, start)
    moments = [times.get_next(datetime)]
    while moments[-1] < start + span:
        moments.append(times.get_next(datetime))
    return {after - before for before, after in pairwise(moments)}


@given(minutes=st.sampled_from([one for one in EXPRESSIBLE if one >= HOUR]), start=MOMENTS)
def test_hours_come_round_evenly_for_weeks(minutes: int, start: datetime) -> None:
    """Also over the ends of days, months and years."""
    assert gaps(cron_of(minutes), start, timedelta(weeks=5)) == {timedelta(minutes=minutes)}


@given(minutes=st.sampled_from([one for one in EXPRESSIBLE if one < HOUR]), start=MOMENTS)
def test_minutes_come_round_evenly_for_days(minutes: int, start: datetime) -> None:
    """Also over the ends of hours and days."""
    assert gaps(cron_of(minutes), start, timedelta(days=2)) == {timedelta(minutes=minutes)}


@given(st.one_of(st.integers(1, WEEK), st.floats(0.1, WEEK)))
def test_any_other_interval_is_refused_with_the_nearest(minutes: float) -> None:
    """Nothing is rounded in silence, and what is named in its place can be said."""
    if minutes in EXPRESSIBLE:
        assert cron_of(minutes)
        return
    with pytest.raises(ValueError, match=f"found {minutes:g}, expected") as caught:
        cron_of(minutes)
    for one in nearest(minutes):
        assert str(one) in str(caught.value)
        assert cron_of(one)
    below, above = (one for one in EXPRESSIBLE), (one for one in EXPRESSIBLE if one > minutes)
    expected = {max((one for one in below if one < minutes), default=None), next(above, None)}
    assert {*nearest(minutes)} == expected - {None}


@pytest.mark.parametrize(
    ("minutes", "cron"),
    [
        (1, "* * * * *"),
        (30, "*/30 * * * *"),
        (HOUR, "0 * * * *"),
        (6 * HOUR, "0 */6 * * *"),
        (DAY, "0 0 * * *"),
        (WEEK, "0 0 * * 0"),
    ],
)
def test_an_interval_reads_as_a_person_would_write_it(minutes: int, cron: str) -> None:
    """Whoever looks at the job sees what it means."""
    assert cron_of(minutes) == cron


@given(at=st.times(), start=MOMENTS)
def test_a_time_of_the_day_comes_once_a_day(at: datetime, start: datetime) -> None:
    """At that hour and minute, in UTC."""
    cron = daily(f"{at:%H:%M}")
    first = croniter(cron, start).get_next(datetime)
    assert f"{first:%H:%M}" == f"{at:%H:%M}"
    assert gaps(cron, start, timedelta(weeks=5)) == {timedelta(days=1)}
