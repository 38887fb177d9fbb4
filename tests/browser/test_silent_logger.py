"""A logger that does not answer is told above all else, and its return needs no hand."""

import signal

import pytest
from playwright.sync_api import Browser, expect

from browser.shown_logger import PASSWORD, shown_logger
from browser.watched_tab import watched_tab

AWAY = r"ERR_CONNECTION_(REFUSED|RESET)|ERR_EMPTY_RESPONSE"
NOTICE = "#connection"


def test_a_killed_logger_is_shown_and_the_next_one_noticed(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Nobody touches the page: it says since when, and shows the new instance by itself."""
    with (
        shown_logger(tmp_path_factory.mktemp("killed")) as logger,
        watched_tab(browser, logger.url) as tab,
    ):
        tab.foresee(AWAY)
        tab.log_in(PASSWORD)
        page = tab.is_live()
        first = page.locator("footer p").first.inner_text()
        logger.kill_logger()
        expect(page.locator(NOTICE)).to_contain_text("The logger has not answered since")
        expect(page.locator("main")).to_have_class("is-old")
        logger.start_logger()
        expect(page.locator(NOTICE)).to_be_hidden()
        expect(page.locator("footer p").first).not_to_have_text(first)
        expect(page.locator("main")).not_to_have_class("is-old")
        before = page.locator("#exchanges tbody").inner_text()
        expect(page.locator("#exchanges tbody")).not_to_have_text(before)


def test_a_logger_that_hangs_is_shown_until_it_goes_on(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Its port takes connections all the while."""
    with (
        shown_logger(tmp_path_factory.mktemp("frozen")) as logger,
        watched_tab(browser, logger.url) as tab,
    ):
        tab.log_in(PASSWORD)
        page = tab.is_live()
        logger.signal_logger(signal.SIGSTOP)
        try:
            expect(page.locator(NOTICE)).to_contain_text("The logger has not answered since")
        finally:
            logger.signal_logger(signal.SIGCONT)
        expect(page.locator(NOTICE)).to_be_hidden()
        expect(page.locator("main")).not_to_have_class("is-old")
        before = page.locator("#exchanges tbody").inner_text()
        expect(page.locator("#exchanges tbody")).not_to_have_text(before)
