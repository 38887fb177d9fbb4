"""A backup opens to its files, and a file can be had from it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.pressed_button import press
from browser.shown_logger import PASSWORD, ShownLogger
from browser.watched_tab import WatchedTab
from engine.archives import rows, write

NAME = 'a day, "odd" & # 100 % ü.csv'
CONTENT = rows(700)


@pytest.fixture
def page(tab: WatchedTab, logger: ShownLogger) -> Page:
    """The newest backup of the bucket, which has a file of an odd name."""
    write(logger.data, f"old/{NAME}", CONTENT, hours_ago=30)
    page = tab.log_in(PASSWORD)
    press(page, "Back up now")
    page.get_by_role("link", name="of Google Cloud Storage").first.click()
    expect(page.get_by_role("heading", name="Backup")).to_be_visible()
    return page


def test_a_file_is_downloaded_as_it_was(page: Page, tmp_path: Path) -> None:
    """Under its own name, byte for byte."""
    with page.expect_download() as started:
        page.get_by_role("link", name=NAME).click()
    assert started.value.suggested_filename == NAME.replace('"', "_")
    started.value.save_as(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_files_are_found_by_a_part_of_their_name(page: Page) -> None:
    """And a part that none has says so."""
    page.get_by_role("searchbox").fill("odd")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("table.files tbody tr")).to_have_count(1)
    page.get_by_role("searchbox").fill("no such file")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No file of this backup fits")).to_be_visible()


def test_the_whole_list_leads_to_each_backup(page: Page) -> None:
    """Of one provider, if that is chosen."""
    page.get_by_role("link", name="All backups").click()
    page.get_by_label("Provider").select_option("local")
    page.get_by_role("button", name="Show").click()
    table = page.locator("table.backups")
    expect(table).not_to_contain_text("Google Cloud Storage")
    table.get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="of Local directory")).to_be_visible()


def test_the_chart_of_new_bytes_has_a_bar_for_each_provider(page: Page) -> None:
    """And says in a sentence what it shows."""
    page.goto(f"{page.url.partition('/dashboard')[0]}/dashboard")
    charts = page.locator("#backups svg[role=img]")
    expect(charts).to_have_count(2)
    for chart in charts.all():
        expect(chart.locator(".bar").first).to_be_visible()
        expect(chart).to_have_accessible_name(re.compile("new bytes"))
