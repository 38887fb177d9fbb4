"""A browser logs in once, and is known until the token changes, a month is over, or it logs out."""

from pathlib import Path
from unittest.mock import patch

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from logger_service.shown_pages import BROWSER, TOKEN, log_in, pages_of
from logger_service.watched_logger import WatchedLogger
from serving.failed_logins import MOST_OF_ONE
from serving.session import LASTS_SECONDS


@pytest.fixture
def logger(tmp_path: Path) -> WatchedLogger:
    """One that has written nothing yet."""
    return WatchedLogger(tmp_path / "data")


@pytest.fixture
def browser(logger: WatchedLogger) -> FlaskClient:
    """Of a logger with a token."""
    return pages_of(logger)


def is_in(browser: FlaskClient) -> bool:
    """Whether it is shown the dashboard."""
    answer = browser.get("/dashboard", headers=BROWSER)
    assert answer.status_code in (200, 303), answer.text
    return answer.status_code == 200


def cookie_of(answer: TestResponse) -> tuple[str, str]:
    """Its name and its value."""
    name, _, value = answer.headers["Set-Cookie"].split(";")[0].partition("=")
    return name, value


def test_the_password_opens_what_was_wanted(browser: FlaskClient) -> None:
    """And everything else that the admin may see."""
    assert not is_in(browser)
    answer = log_in(browser, wanted="/dashboard?x=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/dashboard?x=1")
    assert is_in(browser)


def test_the_cookie_is_kept_from_scripts_and_other_sites(browser: FlaskClient) -> None:
    """And is not the token."""
    cookie = log_in(browser).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert TOKEN not in cookie
    assert "Secure" not in cookie  # on http://localhost a browser would not send it back


def test_on_render_the_cookie_travels_encrypted_only(logger: WatchedLogger) -> None:
    """Its proxy speaks HTTPS to the outside."""
    logger.settings = {"render": True}
    assert "Secure" in log_in(pages_of(logger)).headers["Set-Cookie"]


@pytest.mark.parametrize("password", ["", "wrong", f"{TOKEN}x", TOKEN[:-1], TOKEN.upper(), "é"])
def test_a_wrong_password_is_refused_in_words(browser: FlaskClient, password: str) -> None:
    """With the form to try again in."""
    answer = log_in(browser, password)
    assert answer.status_code == 401
    assert "The token is wrong" in answer.text
    assert 'type="password"' in answer.text
    assert "Set-Cookie" not in answer.headers
    assert not is_in(browser)


def test_guessing_is_slowed_down(browser: FlaskClient) -> None:
    """Even the right one waits then."""
    for _ in range(MOST_OF_ONE):
        assert log_in(browser, "guess").status_code == 401
    answer = log_in(browser)
    assert answer.status_code == 429
    assert "Too many logins have failed" in answer.text


def test_guessing_by_cookie_is_no_way_around_that(browser: FlaskClient) -> None:
    """Who could try signatures at will could try tokens."""
    name, _ = cookie_of(log_in(browser))
    for guess in range(MOST_OF_ONE):
        browser.set_cookie(name, f"admin.aaaa.{guess}")
        assert browser.get("/dashboard", headers=BROWSER).status_code == 303
    assert log_in(browser).status_code == 429


def test_another_start_knows_the_session(logger: WatchedLogger, browser: FlaskClient) -> None:
    """Nobody has to log in after each deploy."""
    there = pages_of(logger)
    there.set_cookie(*cookie_of(log_in(browser)))
    assert is_in(there)


def test_another_token_ends_it_without_a_lockout(
    logger: WatchedLogger, browser: FlaskClient
) -> None:
    """The browser is told to forget the cookie, so an open page does not fail on and on."""
    there = pages_of(logger, token="another-token")
    there.set_cookie(*cookie_of(log_in(browser)))
    for _ in range(2 * MOST_OF_ONE):
        assert not is_in(there)
    assert log_in(there, "another-token").status_code == 303


def test_a_session_is_over_after_a_month(browser: FlaskClient) -> None:
    """And that is no failed login."""
    log_in(browser)
    with patch("serving.session.LASTS_SECONDS", -1):
        assert not is_in(browser)
    assert is_in(browser)
    assert LASTS_SECONDS == 30 * 24 * 3600


def test_logging_out(browser: FlaskClient) -> None:
    """Leads to the form to log in with."""
    log_in(browser)
    assert browser.post("/logout", headers=BROWSER).headers["Location"] == "/login"
    assert not is_in(browser)


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/x\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "evil",
        "//[evil",
        "",
    ],
)
def test_a_login_leads_nowhere_else(browser: FlaskClient, wanted: str) -> None:
    """Whatever a link has put into the form."""
    assert log_in(browser, wanted=wanted).headers["Location"] == "/dashboard"


def test_no_other_site_logs_anybody_in_or_out(browser: FlaskClient) -> None:
    """With whatever password."""
    headers = {**BROWSER, "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    for path in ("/login", "/logout"):
        assert browser.post(path, data={"password": TOKEN}, headers=headers).status_code == 403


def test_without_a_token_on_this_machine_there_is_no_form(logger: WatchedLogger) -> None:
    """The dashboard is open there."""
    browser = pages_of(logger, token=None)
    answer = browser.get("/login", headers={**BROWSER, "Host": "localhost"})
    assert answer.headers["Location"] == "/dashboard"
    page = browser.get("/dashboard", headers={**BROWSER, "Host": "localhost"})
    assert page.status_code == 200
    assert "Log out" not in page.text


def test_without_a_token_elsewhere_the_page_says_what_to_set(logger: WatchedLogger) -> None:
    """Closed, and not broken."""
    logger.settings = {"host": "0.0.0.0"}  # noqa: S104  nothing listens there
    browser = pages_of(logger, token=None)
    for path in ("/dashboard", "/login"):
        answer = browser.get(path, headers={**BROWSER, "Host": "my.example"})
        assert answer.status_code == 503
        assert "ADMIN_TOKEN is not set" in answer.text
        assert "<h1>" in answer.text
