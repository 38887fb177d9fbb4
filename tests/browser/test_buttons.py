"""Every button does what it says, and the page shows that it is done."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.pressed_button import press
from browser.shown_logger import PASSWORD, ShownLogger
from browser.watched_tab import WatchedTab
from engine.archives import rows, write

OLD_DAY = "BTC-USD/2026-01-01.0a1b2c3d.csv"


@pytest.fixture
def page(tab: WatchedTab, logger: ShownLogger) -> Page:
    """The dashboard of a logger that has an earlier day."""
    if not (logger.data / OLD_DAY).exists():
        write(logger.data, OLD_DAY, rows(500), hours_ago=30)
    tab.log_in(PASSWORD)
    return tab.is_live()


def test_back_up_now_makes_a_backup_that_the_list_shows(page: Page) -> None:
    """With the reason `manual`, in both providers, without a reload."""
    assert " new" in press(page, "Back up now")
    newest = page.locator("table.backups tbody tr").filter(has_text="manual")
    expect(newest.first).to_contain_text("by the logger")
    expect(page.locator("table.backups")).to_contain_text("Google Cloud Storage")
    expect(page.locator("table.backups")).to_contain_text("Local directory")


def test_a_backup_of_the_function_appears_by_itself(page: Page, logger: ShownLogger) -> None:
    """As scheduled, with its time at the top."""
    logger.start_function()
    try:
        report = logger.fire()["answer"]
    finally:
        logger.stop_function()
    newest = page.locator("table.backups tbody tr").filter(has_text="by the function")
    expect(newest.first).to_contain_text("scheduled")
    expect(newest.first.locator("th")).to_have_text(str(report["number"]))
    expect(page.locator(".provider").first).to_contain_text(f"number {report['number']}")


def test_a_drill_is_told_with_the_backup_that_it_proved(page: Page) -> None:
    """In the list of jobs, in the part about drills, and beside the backup."""
    press(page, "Back up now")
    assert "passed" in press(page, "Drill")
    expect(page.locator("#safety")).to_contain_text("passed")
    drilled = page.locator("table.backups tbody tr").filter(has_text="passed")
    expect(drilled.first).to_be_visible()


def test_clean_up_says_what_went_and_whose_the_bucket_is(page: Page) -> None:
    """Nothing is old enough yet."""
    press(page, "Back up now")
    told = press(page, "Clean up")
    assert "Nothing to let go of" in told
    assert "for the function to prune" in told


def test_a_lost_file_is_previewed_confirmed_and_back(page: Page, logger: ShownLogger) -> None:
    """Byte for byte; until the confirmation nothing is done."""
    press(page, "Back up now")
    place = logger.data / OLD_DAY
    before = place.read_bytes()
    place.unlink()
    page.get_by_role("button", name="Restore…").click()
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("tr").filter(has_text=OLD_DAY)).to_contain_text("added")
    assert not place.exists()
    page.locator("#confirm").click()
    expect(page.get_by_text("1 file brought")).to_be_visible()
    assert place.read_bytes() == before


def test_where_nothing_is_missing_there_is_nothing_to_confirm(page: Page) -> None:
    """The preview says so."""
    press(page, "Back up now")
    page.goto(f"{page.url.partition('/dashboard')[0]}/dashboard/restore")
    page.get_by_label("Only these files").fill(Path(OLD_DAY).name)
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("there is nothing to restore")).to_be_visible()
    expect(page.locator("#confirm")).to_have_count(0)


def test_a_wrong_number_is_told_beside_its_field(tab: WatchedTab, page: Page) -> None:
    """What was filled in stays."""
    tab.foresee("status of 400")
    page.get_by_role("button", name="Restore…").click()
    page.get_by_label("Its number").fill("seven")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#backup-wrong")).to_be_visible()
    expect(page.get_by_label("Its number")).to_have_value("seven")
    expect(page.get_by_label("Its number")).to_be_focused()
