"""Where no script runs, forms and links do all that there is to do."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from browser.shown_logger import PASSWORD, ShownLogger
from browser.watched_tab import WatchedTab, watched_tab
from engine.archives import rows, write


@pytest.fixture
def tab(browser: Browser, logger: ShownLogger) -> Iterator[WatchedTab]:
    """Of a browser that runs none."""
    with watched_tab(browser, logger.url, java_script_enabled=False) as tab:
        yield tab


def test_a_lost_file_comes_back_without_a_script(tab: WatchedTab, logger: ShownLogger) -> None:
    """Each page is loaded anew by hand until the job has ended."""
    lost = logger.data / "old.csv"
    write(logger.data, lost.name, rows(200), hours_ago=30)
    page = tab.log_in(PASSWORD)
    page.get_by_role("button", name="Back up now").click()
    expect(page.locator("#jobs ol.jobs > li")).to_have_count(1)
    tab.reload_until("#jobs ol.jobs .badge", "done")
    lost.unlink()
    page.get_by_role("button", name="Restore…").click()
    page.get_by_label("Only these files").fill(lost.name)
    page.get_by_role("button", name="Preview").click()
    tab.reload_until("main .badge", "done")
    page.locator("#confirm").click()
    tab.reload_until("main .badge", "done")
    assert lost.read_bytes() == rows(200)
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_label("Password")).to_be_visible()


def test_times_are_utc_without_a_script(tab: WatchedTab) -> None:
    """As the page says."""
    page = tab.log_in(PASSWORD)
    expect(page.locator("footer")).to_contain_text("Times are UTC")
