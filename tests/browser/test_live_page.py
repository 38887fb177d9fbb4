"""A page that stays open shows what is so now, and says when it cannot know."""

import re

import pytest
from playwright.sync_api import Page, expect

from browser.shown_logger import PASSWORD, ShownLogger
from browser.watched_tab import WatchedTab

HIDE = "Object.defineProperty(document, 'visibilityState', { value: 'hidden', writable: true })"
SHOW = """\
Object.defineProperty(document, 'visibilityState', { value: 'visible', writable: true });
document.dispatchEvent(new Event('visibilitychange'));
"""


@pytest.fixture
def page(tab: WatchedTab) -> Page:
    """The dashboard, open."""
    tab.log_in(PASSWORD)
    return tab.is_live()


def last_price(page: Page) -> str:
    """Of the exchange that a replay shows."""
    return page.locator("#exchanges tbody tr td").nth(1).inner_text()


def parts_asked(tab: WatchedTab) -> list[str]:
    """Without the signs and styles that the answer to an earlier request may still fetch."""
    return [path for path in tab.asked if path.startswith("/dashboard/parts/")]


def wait_for_another_price(page: Page) -> None:
    """Return once the part has been shown anew."""
    before = last_price(page)
    expect(page.locator("#exchanges tbody tr td").nth(1)).not_to_have_text(before)


def test_what_changes_is_shown_without_a_reload(page: Page) -> None:
    """A mark that a reload would wipe stays."""
    page.evaluate("window.mark = 'same page'")
    wait_for_another_price(page)
    assert page.evaluate("window.mark") == "same page"


def test_a_refresh_leaves_the_focus_where_it_is(page: Page) -> None:
    """On a part that is replaced as a whole."""
    region = page.locator("#exchanges .scrolled")
    region.focus()
    wait_for_another_price(page)
    expect(region).to_be_focused()


def test_times_are_in_the_readers_zone_with_utc_beside(page: Page) -> None:
    """The tab is in Berlin; the page says so."""
    started = page.locator("footer time")
    expect(started).to_have_text(re.compile(r", \d\d:\d\d:\d\d \(.*\d\d:\d\d:\d\d\sUTC\)"))
    expect(page.locator("[data-zone]")).to_have_text(re.compile("Europe/Berlin, with UTC beside"))


def test_a_tab_that_nobody_looks_at_asks_for_nothing(tab: WatchedTab) -> None:
    """Its clock is the test's: a minute goes by at once, and then somebody looks again."""
    tab.page.clock.install()
    tab.log_in(PASSWORD)
    page = tab.is_live()

    def asked_in_a_minute() -> int:
        before = len(parts_asked(tab))
        for _ in range(6):
            page.clock.run_for(10_000)
        return len(parts_asked(tab)) - before

    assert asked_in_a_minute() > 0
    page.evaluate(HIDE)
    assert asked_in_a_minute() == 0
    with page.expect_request("**/dashboard/parts/*"):
        page.evaluate(SHOW)
        page.clock.run_for(10_000)


def test_a_bucket_that_refuses_is_shown_with_the_reason_until_it_is_well(
    tab: WatchedTab, logger: ShownLogger
) -> None:
    """And a screen reader is told of either."""
    tab.log_in(PASSWORD)
    page = tab.is_live()
    word, announced = page.locator(".state .word"), page.locator("#announcer")
    with logger.refusing_storage():
        expect(word).not_to_have_text("Healthy")
        expect(page.locator(".provider.bad").get_by_text("gs://").first).to_be_visible()
    expect(page.locator(".provider.bad")).to_have_count(0)
    expect(announced).to_contain_text("The state is now")
