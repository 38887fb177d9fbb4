"""Seconds until a page is complete in a browser: from the click to its load event."""

from playwright.sync_api import Page

from browser.chromium import is_there, open_chromium

TIMES = 5
_SECONDS = "performance.getEntriesByType('navigation')[0].loadEventEnd / 1000"


def seconds_in_chromium(url: str, password: str) -> list[float]:
    """Of a few loads of the dashboard; none where there is no Chromium."""
    if not is_there():
        return []
    with open_chromium() as browser:
        page = browser.new_page()
        page.goto(f"{url}/dashboard")
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url("**/dashboard")
        return [_load(page) for _ in range(TIMES)]


def _load(page: Page) -> float:
    page.reload()
    page.wait_for_function(f"{_SECONDS} > 0")
    return float(page.evaluate(_SECONDS))
