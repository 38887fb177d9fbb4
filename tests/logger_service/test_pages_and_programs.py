"""A browser is answered with pages, a program with what programs read; neither leaves this host."""

import json
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from logger_service.shown_pages import BROWSER, TOKEN, log_in, pages_of, words_of
from logger_service.watched_logger import WatchedLogger

PROGRAM = {"Accept": "*/*"}


@pytest.fixture
def browser(tmp_path: Path) -> FlaskClient:
    """Of a logger with a token, without parts."""
    return pages_of(WatchedLogger(tmp_path / "data"))


def test_a_browser_that_is_not_logged_in_is_led_to_the_form(browser: FlaskClient) -> None:
    """Which leads it back to what it wanted; it is not challenged to ask in a window of its own."""
    answer = browser.get("/dashboard?x=1&y=%22", headers=BROWSER)
    assert answer.status_code == 303
    assert "Basic" not in " ".join(answer.headers.getlist("WWW-Authenticate"))
    form = browser.get(answer.headers["Location"], headers=BROWSER)
    assert form.status_code == 200
    assert 'name="wanted" value="/dashboard?x=1&amp;y=%22"' in form.text
    assert "wrong" not in words_of(form.text)


def test_a_program_gets_a_problem(browser: FlaskClient) -> None:
    """As on every other route."""
    answer = browser.get("/dashboard", headers=PROGRAM)
    assert answer.mimetype == "application/problem+json"
    assert json.loads(answer.text)["detail"] == "the token is missing"
    assert len(answer.headers.getlist("WWW-Authenticate")) == 2


@pytest.mark.parametrize("accept", ["application/json", "text/*", "*/*", "", "text/plain"])
def test_only_who_names_html_is_a_browser(browser: FlaskClient, accept: str) -> None:
    """`curl` says that it takes anything."""
    answer = browser.get("/nothing", headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_what_is_not_there_is_told_on_a_page(browser: FlaskClient) -> None:
    """With the way back."""
    answer = browser.get("/nothing", headers=BROWSER)
    assert answer.status_code == 404
    assert "Not found" in words_of(answer.text)
    assert 'href="/dashboard"' in answer.text


def test_words_of_an_address_are_no_markup(browser: FlaskClient) -> None:
    """Whoever makes up a link writes nothing into the page."""
    log_in(browser)
    answer = browser.get("/dashboard/parts/<script>alert(1)", headers=BROWSER)
    assert answer.status_code == 404
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text


@pytest.mark.parametrize(
    "path", ["/", "/login", "/dashboard", "/nothing", "/dashboard/static/page.js"]
)
@pytest.mark.parametrize("accept", [BROWSER, PROGRAM])
def test_every_answer_keeps_a_browser_to_this_host(
    browser: FlaskClient, path: str, accept: dict[str, str]
) -> None:
    """Whatever a page would load from elsewhere, or run of its own text, is refused."""
    policy = browser.get(path, headers=accept).headers["Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules.pop("default-src") == rules.pop("base-uri") == "'none'"
    assert rules.pop("frame-ancestors") == "'none'"
    assert set(rules.values()) == {"'self'"}


def test_nothing_of_ours_names_another_host() -> None:
    """Style, script and templates: there is no address in them but SVG's own name."""
    folder = Path(pages_of.__globals__["dashboard_routes"].__code__.co_filename).parent
    files = [
        path for path in folder.rglob("*.*") if path.suffix in (".html", ".css", ".js", ".svg")
    ]
    assert len(files) > 10
    for path in files:
        found = set(re.findall(r"(?:https?:)?//[\w.]+", path.read_text()))
        assert found <= {"http://www.w3.org"}, path


def test_the_front_leads_a_person_to_the_dashboard(browser: FlaskClient) -> None:
    """Logged in or not."""
    answer = browser.get("/", headers=BROWSER)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/dashboard")


def test_the_front_lists_every_route_for_curl(browser: FlaskClient) -> None:
    """One a line, with its method; and where the page is."""
    answer = browser.get("/", headers={**PROGRAM, "Host": "my.example"})
    assert answer.mimetype == "text/plain"
    assert "http://my.example/dashboard" in answer.text
    lines = answer.text.splitlines()
    for line in ("GET  /", "GET  /dashboard", "GET  /dashboard/parts/<name>", "POST /login"):
        assert line in lines
    assert TOKEN not in answer.text
