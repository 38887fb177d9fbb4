"""Every page can be used by whoever comes, with whatever he has."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.axe import violations
from browser.chromium import HEIGHT, PHONE, WIDTH
from browser.past_days import utc_now, write_past
from browser.pressed_button import press
from browser.shown_logger import BUCKET, PASSWORD, ShownLogger, shown_logger
from browser.watched_tab import WatchedTab, watched_tab
from emulators.storage import StorageFake

NARROWEST = 360
REFUSED = r"status of 40[0-9]"
OF_ONE_BACKUP = "/dashboard/backups/gcs/1"


@pytest.fixture(scope="module")
def logger(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[ShownLogger]:
    """One with a past, so that each part has something to show."""
    assert browser.is_connected()
    with StorageFake([BUCKET]) as storage:
        folder = tmp_path_factory.mktemp("shown")
        with ShownLogger(folder, storage, LOG_INTERVAL_SECONDS="3600") as shown:
            write_past(shown.data, utc_now())
            shown.start_logger()
            yield shown


@pytest.fixture(params=["light", "dark"])
def tab(
    request: pytest.FixtureRequest, browser: Browser, logger: ShownLogger
) -> Iterator[WatchedTab]:
    """In either colour scheme."""
    with watched_tab(browser, logger.url, color_scheme=request.param) as tab:
        tab.foresee(REFUSED)
        yield tab


def check(tab: WatchedTab) -> None:
    """No rule is broken on a wide screen and on a phone, and nothing reaches beyond its edge.

    What can be opened, is.
    """
    page = tab.is_live()
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    for width, height in ((WIDTH, HEIGHT), PHONE):
        page.set_viewport_size({"width": width, "height": height})
        assert violations(page) == []
    page.set_viewport_size({"width": NARROWEST, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROWEST


def back_up(page: Page) -> None:
    """So that there is a backup, and a job that made it."""
    press(page, "Back up now")
    expect(page.locator("table.backups tbody tr").first).to_be_visible()


def test_the_login_breaks_no_rule(tab: WatchedTab) -> None:
    """Nor does it after a wrong password."""
    page = tab.open()
    check(tab)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert").filter(has_text="token is wrong")).to_be_visible()
    check(tab)


def test_the_dashboard_breaks_no_rule(tab: WatchedTab, logger: ShownLogger) -> None:
    """Nor does it where something is wrong."""
    back_up(tab.log_in(PASSWORD))
    check(tab)
    with logger.refusing_storage():
        expect(tab.page.locator(".provider.bad")).to_be_visible()
        check(tab)


def test_the_first_page_of_all_breaks_no_rule(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Nothing has been recorded, and nothing backed up."""
    nothing = {"LOG_INTERVAL_SECONDS": "3600"}
    with (
        shown_logger(tmp_path_factory.mktemp("new"), **nothing) as logger,
        watched_tab(browser, logger.url) as tab,
    ):
        tab.log_in(PASSWORD)
        check(tab)


@pytest.mark.parametrize("path", ["/dashboard/backups", OF_ONE_BACKUP, "/dashboard/nowhere"])
def test_a_page_beside_it_breaks_no_rule(tab: WatchedTab, path: str) -> None:
    """Also the one for an address that is none."""
    back_up(tab.log_in(PASSWORD))
    tab.open(path)
    check(tab)


def test_a_restore_breaks_no_rule(tab: WatchedTab, logger: ShownLogger) -> None:
    """From the form, wrong at first, over the preview to its own page."""
    page = tab.log_in(PASSWORD)
    back_up(page)
    next((logger.data / "BTC-USD").glob("*.csv")).unlink()
    tab.open("/dashboard/restore")
    check(tab)
    page.get_by_label("Its number").fill("seven")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#backup-wrong")).to_be_visible()
    check(tab)
    page.get_by_label("Its number").fill("")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#confirm")).to_be_visible()
    check(tab)
    page.locator("#confirm").click()
    expect(page.get_by_text("1 file brought")).to_be_visible()
    check(tab)


def test_a_word_without_an_end_is_broken(tab: WatchedTab) -> None:
    """Of whatever somebody asks for, a job's page says it."""
    page = tab.log_in(PASSWORD, "/dashboard/restore")
    page.get_by_label("Only these files").fill("W" * 500)
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("files WWW")).to_be_visible()
    expect(page.get_by_text("failed", exact=True)).to_be_visible()
    page.set_viewport_size({"width": NARROWEST, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROWEST
