"""Who has the password is let in, and is shown what he asked for."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.shown_logger import PASSWORD, ShownLogger, shown_logger
from browser.watched_tab import WatchedTab, watched_tab

ANOTHER = "another-password-of-the-browser-tests"
AWAY = r"ERR_CONNECTION_(REFUSED|RESET)|ERR_EMPTY_RESPONSE"
REFUSED = r"status of (401|429)"  # the browser's own words about the answer that has the form


@pytest.fixture
def tab(browser: Browser, logger: ShownLogger) -> Iterator[WatchedTab]:
    """Of somebody who has not logged in."""
    with watched_tab(browser, logger.url) as tab:
        tab.foresee(REFUSED)
        yield tab


def try_password(page: Page, password: str) -> None:
    """Fill the form in and send it."""
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def test_after_the_login_one_is_where_one_wanted_to_be(tab: WatchedTab) -> None:
    """Every address of the dashboard leads to the form, and the cursor is in it."""
    page = tab.open("/dashboard?from=a-link")
    expect(page.get_by_label("Password")).to_be_focused()
    try_password(page, PASSWORD)
    expect(page).to_have_url(f"{tab.origin}/dashboard?from=a-link")
    expect(page.get_by_text("rows at risk now")).to_be_visible()


def test_the_address_of_the_host_leads_to_the_dashboard(tab: WatchedTab) -> None:
    """By way of the form."""
    page = tab.log_in(PASSWORD, "/")
    expect(page).to_have_url(f"{tab.origin}/dashboard")
    expect(page).to_have_title(re.compile("btc-logger: dashboard$"))


def test_a_wrong_password_is_refused_in_words(tab: WatchedTab) -> None:
    """And the right one is taken after it; the wrong one does not stand in the page again."""
    page = tab.open()
    try_password(page, "not the password")
    expect(page.get_by_role("alert").filter(has_text="The token is wrong")).to_be_visible()
    assert "not the password" not in page.content()
    expect(page.get_by_label("Password")).to_have_attribute("aria-invalid", "true")
    try_password(page, PASSWORD)
    expect(page).to_have_url(f"{tab.origin}/dashboard")


def test_who_logs_out_is_out(tab: WatchedTab) -> None:
    """Also by the address that was open before."""
    page = tab.log_in(PASSWORD)
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_url(f"{tab.origin}/login")
    tab.open()
    expect(page).to_have_url(f"{tab.origin}/login?wanted=/dashboard")
    expect(page.get_by_label("Password")).to_be_visible()
    assert not page.context.cookies()


def test_a_login_holds_over_a_restart_and_ends_with_the_token(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Another token only asks for itself; nobody is shut out for an old cookie."""
    with (
        shown_logger(tmp_path_factory.mktemp("restarted")) as logger,
        watched_tab(browser, logger.url) as tab,
    ):
        tab.foresee(REFUSED)
        page = tab.log_in(PASSWORD)
        page.goto("about:blank")
        logger.stop_logger()
        logger.start_logger()
        tab.open()
        expect(page.get_by_role("button", name="Log out")).to_be_visible()
        page.goto("about:blank")
        logger.stop_logger()
        logger.start_logger(ADMIN_TOKEN=ANOTHER)
        for _ in range(7):
            tab.open()
            expect(page.get_by_label("Password")).to_be_visible()
        try_password(page, ANOTHER)
        expect(page).to_have_url(f"{tab.origin}/dashboard")


def test_an_open_page_asks_for_the_login_when_another_tab_logs_out(tab: WatchedTab) -> None:
    """By its form, and not by a window of the browser's own."""
    page = tab.log_in(PASSWORD)
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_role("button", name="Log out").click()
    expect(other.get_by_label("Password")).to_be_visible()
    page.bring_to_front()
    expect(page.get_by_label("Password")).to_be_visible()
    try_password(page, PASSWORD)
    expect(page).to_have_url(f"{tab.origin}/dashboard")


def test_an_open_page_asks_for_the_new_token_and_does_not_shut_its_reader_out(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """However many of its parts have asked with the old session by then."""
    with (
        shown_logger(tmp_path_factory.mktemp("renewed")) as logger,
        watched_tab(browser, logger.url) as tab,
    ):
        tab.foresee(REFUSED, AWAY)
        page = tab.log_in(PASSWORD)
        logger.stop_logger()
        expect(page.locator("#connection")).to_contain_text("has not answered since")
        logger.start_logger(ADMIN_TOKEN=ANOTHER)
        expect(page.get_by_label("Password")).to_be_visible()
        try_password(page, ANOTHER)
        expect(page).to_have_url(f"{tab.origin}/dashboard")


def test_who_guesses_is_shut_out_and_told_for_how_long(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """After five; then the right password does not help either."""
    with (
        shown_logger(tmp_path_factory.mktemp("guessed")) as logger,
        watched_tab(browser, logger.url) as tab,
    ):
        tab.foresee(REFUSED)
        page = tab.open()
        for number in range(5):
            try_password(page, f"guess {number}")
            expect(page.get_by_role("alert").filter(has_text="wrong")).to_be_visible()
        try_password(page, PASSWORD)
        shut_out = page.get_by_role("alert").filter(has_text="Too many logins have failed")
        expect(shut_out).to_contain_text("Wait for a minute")
