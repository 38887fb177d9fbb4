"""The prices as a part of the page: its words, its drawing, and its states."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from dashboard.dashboard_routes import assets, dashboard_routes
from dashboard.prices_part import prices_part
from logger_service.quoted import NOON, quoted
from logger_service.recorded_days import lines, write_file
from logger_service.watched_logger import WatchedLogger
from market.quote import SYMBOL, Quote
from serving.access import Access
from serving.web_server import create_app

SVG = "{http://www.w3.org/2000/svg}"
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@dataclass
class Clock:
    """A time that a test sets: at first half an hour and ten seconds after noon."""

    now: datetime = NOON + 30 * MINUTE + 10 * SECOND


@pytest.fixture
def clock() -> Clock:
    """Of the logger."""
    return Clock()


def page(data: Path, clock: Clock, **settings: Any) -> FlaskClient:
    """A browser of a logger with this part alone."""
    watched = WatchedLogger(data, {"host": "127.0.0.1", **settings}).health().watched
    parts = [prices_part(watched.settings, lambda: clock.now)]
    access = Access(watched.settings)
    return create_app([dashboard_routes(parts, watched, access), assets()]).test_client()


def part(browser: FlaskClient) -> str:
    """Its text, as an open page asks for it."""
    answer = browser.get("/dashboard/parts/prices", headers={"Host": "localhost"})
    assert answer.status_code == 200, answer.text
    return answer.text


def rows(source: str, minutes: range, **fields: Any) -> Iterator[Quote]:
    """One in each of these minutes after noon."""
    for minute in minutes:
        yield quoted(source, "50000.5", observed_at=NOON + minute * MINUTE, **fields)


def test_the_chart_is_a_picture_with_words(data: Path, clock: Clock) -> None:
    """Named and described for whoever does not see it; the table says the same."""
    there = [*rows("kraken", range(10)), *rows("kraken", range(20, 30))]
    odd = rows("gemini", range(3), flags="stale|outlier")
    write_file(data, "ab12", *there, *rows("gemini", range(3, 30)), *odd)
    text = part(page(data, clock))
    (svg,) = [one for one in drawings(text) if one.get("role") == "img"]
    names = {one.get("id"): one.text for one in svg.iter() if one.get("id")}
    assert names[svg.get("aria-labelledby")] == "Prices by source"
    assert "prices were between 50,000.50 and 50,000.50" in str(names[svg.get("aria-describedby")])
    assert "kraken: 1 gap, the longest 11 min" in text
    assert "3: stale 3, outlier 3" in text


def test_what_is_drawn_is_within_its_own_picture(data: Path, clock: Clock) -> None:
    """Each shape that is used is defined, and no style is in the text: the policy forbids it."""
    write_file(data, "ab12", *rows("kraken", range(30)), *rows("gemini", range(3), flags="stale"))
    drawn = [one for svg in drawings(part(page(data, clock))) for one in svg.iter()]
    defined = {f"#{one.get('id')}" for one in drawn}
    used = {one.get("href") for one in drawn if one.tag == f"{SVG}use"}
    assert used
    assert used <= defined
    assert not [one for one in drawn if one.get("style")]


def test_the_text_stays_the_same_for_a_minute(data: Path, clock: Clock) -> None:
    """So that an open page need not be given it again: rows of this minute are still to come."""
    place = write_file(data, "ab12", *rows("kraken", range(30)))
    browser = page(data, clock)
    before = part(browser)
    with place.open("ab") as file:
        file.write(lines([quoted("kraken", "51000", observed_at=clock.now)]))
    clock.now += 40 * SECOND
    assert part(browser) == before
    clock.now += 20 * SECOND
    assert "51,000.00" in part(browser)


def test_the_first_minute_is_shown_at_once(data: Path, clock: Clock) -> None:
    """A person who has just started it wants to see that it records."""
    write_file(data, "ab12", quoted("kraken", "51000", observed_at=clock.now - SECOND))
    text = part(page(data, clock))
    assert "51,000.00" in text
    assert "it grows to 24 hours" in text


def test_without_prices_there_are_words(data: Path, clock: Clock) -> None:
    """Before the first row, and where another program writes."""
    assert "the chart begins with the first row" in part(page(data, clock))
    own = part(page(data, clock, logger_command="python my_logger.py"))
    assert "Your own logger writes its own files" in own
    assert 'href="/csv-list"' in own


def test_a_folder_that_cannot_be_read_is_told_in_this_part(data: Path, clock: Clock) -> None:
    """The others stay."""
    (data / SYMBOL).write_bytes(b"a file")
    assert "This cannot be told just now" in part(page(data, clock))


def test_names_from_files_are_only_text(data: Path, clock: Clock) -> None:
    """A row of a foreign file cannot bring a name with a sign of HTML in it."""
    place = write_file(data, "ab12", *rows("kraken", range(3)))
    with place.open("ab") as file:
        file.write(b"2026-11-22T12:05:00.000Z,<b>x</b>,BTC-USD,1.0,,,,,1,\n")
    assert "<b>" not in part(page(data, clock))


def drawings(text: str) -> list[ET.Element]:
    """Every picture of a text, read as strictly as XML is."""
    whole = f'<div xmlns="{SVG[1:-1]}">{text}</div>'
    return list(ET.fromstring(whole).iter(f"{SVG}svg"))  # noqa: S314  our own page
