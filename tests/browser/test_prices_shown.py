"""The prices of a day are a chart for those who see it, and a sentence and a table for all."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.past_days import SPREADS, utc_now, write_past
from browser.shown_logger import BUCKET, PASSWORD, ShownLogger
from browser.watched_tab import watched_tab
from emulators.exchanges import ExchangeServers
from emulators.storage import StorageFake


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Page]:
    """The dashboard beside three days of three sources, with gaps and doubtful rows."""
    recorded = {"PRICE_SOURCES": ",".join(SPREADS), "LOG_INTERVAL_SECONDS": "30"}
    with StorageFake([BUCKET]) as storage, ExchangeServers() as exchanges:
        folder = tmp_path_factory.mktemp("shown")
        with ShownLogger(folder, storage, exchanges.url, **recorded) as logger:
            write_past(logger.data, utc_now())
            logger.start_logger()
            with watched_tab(browser, logger.url) as tab:
                tab.page.clock.install()
                tab.log_in(PASSWORD)
                yield tab.is_live()


def test_each_source_has_a_line_that_breaks_where_rows_are_missing(page: Page) -> None:
    """All at the deploy; and once more where one was away, one stale, and one far off."""
    lines = page.locator("#prices svg.prices path.line")
    expect(lines).to_have_count(len(SPREADS))
    pieces = [(line.get_attribute("d") or "").count("M") for line in lines.all()]
    assert pieces == [3, 3, 3]
    assert page.locator("#prices rect.no-rows").count() >= 1


def test_doubtful_rows_are_marked_by_shape(page: Page) -> None:
    """Each mark says what it is."""
    marks = page.locator("#prices use.mark[x] > title")
    assert marks.count() >= 1
    assert any("stale" in (mark.text_content() or "") for mark in marks.all())


def test_the_chart_says_itself_in_words(page: Page) -> None:
    """Its name, and what it shows."""
    chart = page.get_by_role("img", name="Prices by source")
    expect(chart).to_have_accessible_description(re.compile("kraken"))


def test_the_table_opens_and_stays_open_over_a_refresh(page: Page) -> None:
    """From the keyboard, with what the chart has in figures."""
    page.locator("#prices-table > summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#prices-table tbody tr")).to_have_count(len(SPREADS))
    page.evaluate("document.getElementById('prices-table').dataset.old = ''")
    page.clock.fast_forward(120_000)
    expect(page.locator("#prices-table[data-old]")).to_have_count(0)
    expect(page.locator("#prices-table tbody tr").first).to_be_visible()
    expect(page.locator("#prices-table > summary")).to_be_focused()


def test_hours_are_told_in_the_readers_zone(page: Page) -> None:
    """With UTC below."""
    expect(page.locator("#prices text.beside").first).to_have_text(re.compile(r"^\d\d:\d\d UTC$"))
