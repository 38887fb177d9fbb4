"""A recorder to which no exchange answers says so, and says when they do again."""

import pytest
from playwright.sync_api import Browser, expect

from browser.shown_logger import PASSWORD, shown_logger
from browser.watched_tab import PATIENCE, watched_tab
from emulators.exchanges import ExchangeServers

SOURCES = ("coinbase", "kraken", "bitstamp")
LEFT_ALONE_SECONDS = 15


def test_exchanges_that_are_down_are_shown_until_they_answer(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Each with its cause; the state has the reason in a sentence."""
    folder, named = tmp_path_factory.mktemp("silent"), {"PRICE_SOURCES": ",".join(SOURCES)}
    with ExchangeServers() as exchanges:
        for source in SOURCES:
            exchanges[source].status = 503
            exchanges[source].headers = {"Retry-After": str(LEFT_ALONE_SECONDS)}
        with (
            shown_logger(folder, exchanges.url, **named) as logger,
            watched_tab(browser, logger.url) as tab,
        ):
            page = tab.log_in(PASSWORD)
            rows = page.locator("#exchanges tbody tr")
            expect(rows.locator(".badge", has_text="left alone")).to_have_count(3)
            expect(page.locator(".state .word")).to_have_text("Degraded")
            for source in SOURCES:
                exchanges[source].status = 200
            answers = rows.get_by_text("answers", exact=True)
            expect(answers).to_have_count(3, timeout=LEFT_ALONE_SECONDS * 1000 + PATIENCE)
