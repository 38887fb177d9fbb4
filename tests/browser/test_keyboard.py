"""All of it works from the keyboard, and one always sees where one is."""

import re

import pytest
from playwright.sync_api import Page, expect

from browser.shown_logger import PASSWORD, ShownLogger
from browser.watched_tab import WatchedTab
from engine.archives import rows, write

MOST_STEPS = 80  # from the top of a page to anything on it
_FOCUSED = "document.activeElement?.id || document.activeElement?.innerText || ''"
_RING = """() => {
  const style = getComputedStyle(document.activeElement);
  const box = document.activeElement.getBoundingClientRect();
  return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
    && box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight;
}"""


def step_to(page: Page, wanted: str) -> None:
    """Press Tab until the element of this id or text has the focus, which is seen at each step."""
    page.wait_for_load_state()  # without its style yet, a page has the browser's own thin ring
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        assert page.evaluate(_RING), page.evaluate("document.activeElement.outerHTML")
        if page.evaluate(_FOCUSED).strip() == wanted:
            return
    pytest.fail(f"no Tab leads to {wanted!r}")


def test_the_whole_story_needs_no_mouse(tab: WatchedTab, logger: ShownLogger) -> None:
    """Log in, back up, lose a file, preview its restore, and confirm."""
    lost = logger.data / "old.csv"
    write(logger.data, lost.name, rows(200), hours_ago=30)
    page = tab.open()
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    step_to(page, "do-trigger")
    page.keyboard.press("Space")
    expect(page.locator("#jobs ol.jobs .badge").first).to_have_text("done")
    lost.unlink()
    step_to(page, "do-restore")
    page.keyboard.press("Enter")
    expect(page).to_have_title(re.compile("restore"))
    step_to(page, "files")
    page.keyboard.type(lost.name)
    step_to(page, "preview")
    page.keyboard.press("Enter")
    expect(page.locator("#confirm")).to_be_visible()
    step_to(page, "confirm")
    page.keyboard.press("Space")
    expect(page.get_by_text("1 file brought")).to_be_visible()
    assert lost.read_bytes() == rows(200)


def test_the_first_tab_skips_what_every_page_begins_with(tab: WatchedTab) -> None:
    """Straight to the content."""
    page = tab.log_in(PASSWORD)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
