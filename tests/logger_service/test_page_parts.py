"""An open page asks for each of its parts anew, and is sent only what has changed."""

import json
from pathlib import Path

import pytest

from dashboard.exchanges_part import exchanges_part
from dashboard.part import Part, Told
from logger_service.shown_pages import BROWSER, log_in, pages_of, words_of
from logger_service.watched_logger import WatchedLogger
from serving.backups import Backups
from shared.errors import SourceRefused


@pytest.fixture
def logger(tmp_path: Path) -> WatchedLogger:
    """One with a program of its user's."""
    return WatchedLogger(tmp_path / "data")


def failing(_backups: Backups) -> Part:
    """A part that cannot be told."""

    def told() -> Told:
        raise SourceRefused("the <data> directory does not answer", hint="Check the disk")

    return Part("failing", "Failing", 5, told)


def broken(_backups: Backups) -> Part:
    """A part with a fault that nobody foresaw."""

    def told() -> Told:
        raise OverflowError("date value out of range")

    return Part("broken", "Broken", 5, told)


def test_a_part_that_has_not_changed_is_not_sent_again(logger: WatchedLogger) -> None:
    """It has a tag, although no cache may keep it."""
    browser = pages_of(logger, failing)
    log_in(browser)
    first = browser.get("/dashboard/parts/failing", headers=BROWSER)
    assert first.headers["Cache-Control"] == "no-store"
    tag = {"If-None-Match": first.headers["ETag"]}
    again = browser.get("/dashboard/parts/failing", headers={**BROWSER, **tag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Page-Version"] == first.headers["Page-Version"]
    other = browser.get("/dashboard/parts/failing", headers={**BROWSER, "If-None-Match": '"x"'})
    assert other.data == first.data


def test_a_part_that_fails_says_why_and_the_others_stay(logger: WatchedLogger) -> None:
    """In its place on the page; what it names is no markup."""
    browser = pages_of(logger, failing, lambda backups: exchanges_part(backups.health))
    log_in(browser)
    answer = browser.get("/dashboard", headers=BROWSER)
    assert answer.status_code == 200
    words = words_of(answer.text)
    assert "cannot be told just now: the <data> directory does not answer" in words
    assert "Check the disk" in words
    assert "Your own logger writes" in words


def test_an_unforeseen_fault_of_a_part_leaves_the_others_too(
    logger: WatchedLogger, caplog: pytest.LogCaptureFixture
) -> None:
    """The state above all; the log has what it was, and the page does not."""
    browser = pages_of(logger, broken, lambda backups: exchanges_part(backups.health))
    log_in(browser)
    answer = browser.get("/dashboard", headers=BROWSER)
    assert answer.status_code == 200
    words = words_of(answer.text)
    assert "cannot be told just now: an unforeseen error" in words
    assert "Your own logger writes" in words
    assert "out of range" not in words
    assert "The part broken of the dashboard cannot be told" in caplog.text


def test_each_part_stands_on_the_page_with_its_address_and_its_pace(logger: WatchedLogger) -> None:
    """From these the script knows what to ask, and when."""
    browser = pages_of(logger, failing)
    log_in(browser)
    page = browser.get("/dashboard", headers=BROWSER).text
    assert 'data-part="/dashboard/parts/failing" data-every="5"' in page
    assert '<section class="part" id="failing" aria-labelledby="failing-title">' in page


def test_a_part_that_is_unknown_names_those_there_are(logger: WatchedLogger) -> None:
    """As every bad name does."""
    browser = pages_of(logger, failing)
    log_in(browser)
    answer = browser.get("/dashboard/parts/prizes")
    assert (answer.status_code, json.loads(answer.text)["hint"]) == (404, "Expected one of failing")


def test_the_script_knows_a_page_of_another_version_or_instance(logger: WatchedLogger) -> None:
    """What the page was made of, and by whom, is told with every part."""
    browser = pages_of(logger, failing)
    log_in(browser)
    headers = browser.get("/dashboard/parts/failing").headers
    version, instance = headers["Page-Version"], headers["Page-Instance"]
    page = browser.get("/dashboard", headers=BROWSER).text
    assert f'data-version="{version}" data-instance="{instance}"' in page
    assert f"page.js?v={version}" in page
    assert f"Instance {instance}, " in page
