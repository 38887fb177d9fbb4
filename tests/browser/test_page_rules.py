"""Every page can be used by whoever comes, with whatever he has."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.axe import violations
from browser.chromium import HEIGHT, PHONE, WIDTH
from browser.shown_logger import PASSWORD, ShownLogger
from browser.watched_tab import WatchedTab, watched_tab

PAGES = ["/dashboard", "/dashboard/nowhere", "/login"]
SCREENS = {"screen": (WIDTH, HEIGHT), "phone": PHONE}
NARROWEST = 360
REFUSED = r"status of (401|404)"


@pytest.fixture(params=["light", "dark"])
def tab(
    request: pytest.FixtureRequest, browser: Browser, logger: ShownLogger
) -> Iterator[WatchedTab]:
    """In either colour scheme."""
    with watched_tab(browser, logger.url, color_scheme=request.param) as tab:
        tab.foresee(REFUSED)
        yield tab


def check(page: Page) -> None:
    """No rule is broken on a wide screen and on a phone, and nothing reaches beyond its edge."""
    expect(page.locator("[data-zone]")).to_contain_text("Berlin")
    for width, height in SCREENS.values():
        page.set_viewport_size({"width": width, "height": height})
        assert violations(page) == []
    page.set_viewport_size({"width": NARROWEST, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROWEST


def test_the_login_breaks_no_rule(tab: WatchedTab) -> None:
    """Nor does it after a wrong password."""
    page = tab.open()
    check(page)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert").filter(has_text="token is wrong")).to_be_visible()
    check(page)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_the_admin_breaks_no_rule(tab: WatchedTab, path: str) -> None:
    """Also the one for an address that is none."""
    tab.log_in(PASSWORD)
    check(tab.open(path))
