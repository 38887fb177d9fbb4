from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from browser import chromium
from browser.shown_logger import ShownLogger, shown_logger
from browser.watched_tab import PATIENCE, WatchedTab, watched_tab


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for a file at a time: its event loop must not meet other tests' own."""
    if not chromium.is_there():
        pytest.skip("chromium is not there")
    expect.set_options(timeout=PATIENCE)
    with chromium.open_chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def logger(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[ShownLogger]:
    """One for all tests of a file, which find it as it is."""
    assert browser.is_connected()
    with shown_logger(tmp_path_factory.mktemp("shown")) as shown:
        yield shown


@pytest.fixture
def tab(browser: Browser, logger: ShownLogger) -> Iterator[WatchedTab]:
    """Of somebody who has not logged in."""
    with watched_tab(browser, logger.url) as tab:
        yield tab
