"""The pages of a logger in this process, asked for as a browser would."""

import re
from collections.abc import Callable
from html import unescape
from threading import Event

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dashboard.dashboard_routes import assets, dashboard_routes
from dashboard.front_routes import front_routes
from dashboard.part import Part
from dashboard.problem_page import problem_page
from dashboard.session_routes import session_routes
from logger_service.watched_logger import WatchedLogger
from operating.background_jobs import BackgroundJobs
from pushing.own_backups import OwnBackups
from serving.access import Access
from serving.backups import Backups
from serving.web_server import create_app
from watching.archive_watch import ArchiveWatch

TOKEN = "token-of-pages"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
MakePart = Callable[[Backups], Part]


def backups_of(logger: WatchedLogger) -> Backups:
    """Of a logger that makes none of its own, and in which no job runs."""
    health = logger.health()
    settings = health.watched.settings
    return Backups(
        health,
        ArchiveWatch(settings),
        OwnBackups((), (), settings.data_dir),
        BackgroundJobs(Event()),
    )


def pages_of(logger: WatchedLogger, *makers: MakePart, token: str | None = TOKEN) -> FlaskClient:
    """A browser of a page with these parts; without a token it is on the logger's own machine."""
    login = {"admin_token": token} if token else {}
    logger.settings = {"host": "127.0.0.1", **logger.settings, **login}
    backups = backups_of(logger)
    watched = backups.health.watched
    access = Access(watched.settings)
    parts = [make(backups) for make in makers]
    blueprints = [
        front_routes(),
        session_routes(access),
        dashboard_routes(parts, watched, access),
        assets(),
    ]
    return create_app(blueprints, problem_page).test_client()


def log_in(browser: FlaskClient, password: str = TOKEN, **more: str) -> TestResponse:
    """As the form does it."""
    return browser.post("/login", data={"password": password, **more}, headers=BROWSER)


def words_of(html: str) -> str:
    """What a person reads, with single spaces."""
    text = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html))).strip()
    return re.sub(r" (?=[,;:.)])", "", text)


def part_of(logger: WatchedLogger, make: MakePart) -> str:
    """The words of one part of the logger's page."""
    browser = pages_of(logger, make, token=None)
    name = make(backups_of(logger)).name
    answer = browser.get(f"/dashboard/parts/{name}", headers={**BROWSER, "Host": "localhost"})
    assert answer.status_code == 200, answer.text
    return words_of(answer.text)
