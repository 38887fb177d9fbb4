"""Figures as a person reads them, and times that the page's script can read."""

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from dashboard.texts import NOTHING, ago, count, counted, duration, moment, origins, prose, size

AT = datetime(2026, 11, 22, 20, 30, 5, 123_000, tzinfo=UTC)


def test_a_time_is_utc_and_says_itself_to_the_script() -> None:
    """In whatever form it comes, and whatever zone it is in."""
    text = "2026-11-22 20:30:05 UTC"
    expected = f'<time datetime="2026-11-22T20:30:05.123Z" data-shown="moment">{text}</time>'
    elsewhere = AT.astimezone(timezone(timedelta(hours=5, minutes=30)))
    for at in (AT, elsewhere, "2026-11-22T20:30:05.123Z"):
        assert str(moment(at)) == expected
        assert str(ago(at)) == expected.replace("moment", "ago")


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (size(0), "0 Bytes"),
        (size(1_234_567), "1.2 MB"),
        (count(1_234_567), "1,234,567"),
        (counted(1, "row"), "1 row"),
        (counted(0, "row"), "0 rows"),
        (counted(1_000, "row"), "1,000 rows"),
        (duration(0.003), "3 milliseconds"),
        (duration(125), "2 minutes"),
    ],
)
def test_figures(shown: str, text: str) -> None:
    """Short, with their units."""
    assert shown == text


def test_what_files_came_from() -> None:
    """Each provider has numbers of its own."""
    assert origins({"gs://b/x": 7, "/b/x": 42}) == "backup 7 of gs://b/x, backup 42 of /b/x"
    assert origins({}) == "nothing"


def test_what_is_not_known_has_no_figure() -> None:
    """Rather than a zero."""
    for text in (size, count, duration, moment, ago):
        assert text(None) == NOTHING


@pytest.mark.parametrize(
    "text", ["", "<b>yesterday</b>", "0001-01-01T00:00:00+14:00", "2026-13-01"]
)
def test_what_is_no_time_is_shown_as_it_stands(text: str) -> None:
    """A record of anybody's may say it, and the page is there all the same; it is no markup."""
    assert escape(moment(text)) == escape(text or NOTHING)


@pytest.mark.parametrize("seconds", [1e300, -1e300, math.inf, math.nan])
def test_a_duration_that_nothing_lasts_is_not_told(seconds: float) -> None:
    """A record of anybody's may say it."""
    assert duration(seconds) == NOTHING


@given(st.integers(min_value=0, max_value=200_000_000_000))
def test_a_time_is_one_element(seconds: int) -> None:
    """Whatever the time."""
    assert str(moment(datetime.fromtimestamp(seconds, UTC))).count("<") == 2


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("no row was written", "No row was written"),
        ("/data is empty", "/data is empty"),
        ("day.csv is stale", "day.csv is stale"),
        ("see `writer`", "See <code>writer</code>"),
        ("<b> & `<i>`", "&lt;b&gt; &amp; <code>&lt;i&gt;</code>"),
        ("", ""),
    ],
)
def test_a_message_becomes_a_sentence(text: str, shown: str) -> None:
    """Names stay as they are, and nothing of it is markup."""
    assert str(prose(text)) == shown
