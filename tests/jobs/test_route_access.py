"""Every route of the logger, and who is answered there: one table, on real processes.

A route that is not in the table fails a test, so none is ever open by mistake.
"""

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from job_processes import TOKEN, JobProcess, own_backups, run_job, running, running_logger

ADMIN = "admin-token"
ANYBODY, ADMINS, SNAPSHOT = "anybody", "the admin", "the function"
OWN_PAGES = "whoever opens this site's own pages, where there is somebody to log in"
MORE = "anybody, and the admin sees more"  # so a login that fails is told
# Route to who may have it.
ROUTES = {
    "GET /": ANYBODY,
    "GET /login": OWN_PAGES,
    "POST /login": OWN_PAGES,
    "POST /logout": OWN_PAGES,
    "GET /dashboard": ADMINS,
    "GET /dashboard/parts/<name>": ADMINS,
    "GET /dashboard/backups": ADMINS,
    "GET /dashboard/backups/<provider>/<number>": ADMINS,
    "POST /dashboard/jobs/trigger": ADMINS,
    "POST /dashboard/jobs/drill": ADMINS,
    "POST /dashboard/jobs/cleanup": ADMINS,
    "GET /dashboard/jobs/<job_id>": ADMINS,
    "GET /dashboard/jobs/<job_id>/text": ADMINS,
    "GET /dashboard/restore": ADMINS,
    "POST /dashboard/restore": ADMINS,
    "POST /dashboard/restore/<job_id>": ADMINS,
    "GET /dashboard/static/<path:filename>": ANYBODY,
    "GET /health": MORE,
    "GET /health/live": ANYBODY,
    "GET /snapshot": SNAPSHOT,
    "GET /snapshot/files/<path:path>": SNAPSHOT,
    "POST /backup/trigger": ADMINS,
    "POST /backup/restore": ADMINS,
    "POST /backup/cleanup": ADMINS,
    "POST /backup/drill": ADMINS,
    "GET /backup/jobs": ADMINS,
    "GET /backup/jobs/<job_id>": ADMINS,
    "GET /backup/status": ADMINS,
    "GET /backup/list": ADMINS,
    "GET /backup/files/<provider>/<number>/<path:path>": ADMINS,
    "GET /metrics": ADMINS,
    "GET /csv-list": ADMINS,
    "GET /csv/<path:name>": ADMINS,
    "GET /data.csv": ADMINS,
    "GET /prices": ADMINS,
}
CLIENTS = 250  # so many that none of them fails often enough to be refused
ANSWERED = "answered"  # whatever it is: neither refused nor asked for a login

# Prints the routes of the very application that the logger would serve.
SHOW_ROUTES = """
import main

def show(_settings, app):
    for rule in app.url_map.iter_rules():
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            print("route", method, rule.rule)
    raise SystemExit(0)

main.open_server = show
main.main()
"""


def bearer(token: str) -> dict[str, str]:
    """A login of a program."""
    return {"Authorization": f"Bearer {token}"}


def basic(token: str) -> dict[str, str]:
    """A login of a browser."""
    return {"Authorization": f"Basic {b64encode(f'me:{token}'.encode()).decode()}"}


@dataclass(frozen=True)
class Case:
    """Who asks which logger, and what an admin's route answers to a GET and to a POST."""

    name: str
    logger: str
    get: int | str
    post: int | str
    headers: Mapping[str, str] = field(default_factory=dict)
    more: int | str = ANSWERED  # and one that shows more to the admin


FOREIGN = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
CASES = [
    Case("no token", "with_token", 401, 401),
    Case("a wrong token", "with_token", 401, 401, bearer("wrong"), more=401),
    Case("a wrong password", "with_token", 401, 401, basic("wrong"), more=401),
    Case("the snapshot's token", "with_token", 401, 401, bearer(TOKEN), more=401),
    Case("the token", "with_token", ANSWERED, ANSWERED, bearer(ADMIN)),
    Case("the password", "with_token", ANSWERED, ANSWERED, basic(ADMIN)),
    Case("a foreign page", "with_token", ANSWERED, 403, {**basic(ADMIN), **FOREIGN}),
    Case("any host", "with_token", ANSWERED, ANSWERED, {**bearer(ADMIN), "Host": "my.example"}),
    Case("nobody on loopback", "on_loopback", ANSWERED, ANSWERED),
    Case("a foreign page on loopback", "on_loopback", 403, 403, FOREIGN),
    Case("a foreign name of loopback", "on_loopback", 403, 403, {"Host": "evil.example"}),
    Case("nobody on all addresses", "on_all_addresses", 503, 503),
    Case("somebody on all addresses", "on_all_addresses", 503, 503, bearer(ADMIN)),
    Case("nobody on Render", "on_render", 503, 503),
    Case("a foreign page on Render", "on_render", 503, 503, FOREIGN),
]


@pytest.fixture(scope="module")
def with_token(
    tmp_path_factory: pytest.TempPathFactory, logger_folder: Path
) -> Iterator[JobProcess]:
    """On Render, where each wrong guess of this test comes from another client."""
    data = tmp_path_factory.mktemp("with token")
    with running_logger(logger_folder, data, ADMIN_TOKEN=ADMIN, RENDER="true") as logger:
        # Whoever has logged in is not shut out by the others' failures.
        for number in range(CLIENTS):
            headers = {**client(number), **bearer(ADMIN)}
            assert logger.request("GET", "/backup/jobs", headers=headers).status_code == 200
        yield logger


@pytest.fixture(scope="module")
def on_loopback(
    tmp_path_factory: pytest.TempPathFactory, logger_folder: Path
) -> Iterator[JobProcess]:
    """Without a token."""
    with running_logger(logger_folder, tmp_path_factory.mktemp("loopback")) as logger:
        yield logger


@pytest.fixture(scope="module")
def on_render(
    tmp_path_factory: pytest.TempPathFactory, logger_folder: Path
) -> Iterator[JobProcess]:
    """Without a token, behind its proxy."""
    data = tmp_path_factory.mktemp("render")
    with running_logger(logger_folder, data, RENDER="true") as logger:
        yield logger


@pytest.fixture(scope="module")
def on_all_addresses(
    tmp_path_factory: pytest.TempPathFactory, logger_folder: Path
) -> Iterator[JobProcess]:
    """Without a token, as it listens unless it is told another host."""
    settings = settings_in(tmp_path_factory.mktemp("all addresses"))
    with running(logger_folder, ["main.py"], settings) as logger:
        port = logger.wait_for_line(r"listens on 0\.0\.0\.0:(\d+)")[1]
        logger.url = f"http://127.0.0.1:{port}"
        yield logger


def settings_in(data: Path) -> dict[str, str]:
    """Of a logger that replays prices on a free port."""
    return {
        "DATA_DIR": str(data),
        "LOCAL_BACKUP_DIR": str(own_backups(data)),
        "PORT": "0",
        "PRICE_SOURCES": "replay",
        "SNAPSHOT_TOKEN": TOKEN,
    }


def client(number: int) -> dict[str, str]:
    """One of them, as the proxy tells of it."""
    return {"X-Forwarded-For": f"192.0.2.{number % CLIENTS}"}


_asked = count()


def ask(logger: JobProcess, route: str, headers: Mapping[str, str]) -> tuple[int, str]:
    """Status and text of the answer; whatever stands in for a name, it is one that is not there."""
    method, path = route.split(" ", 1)
    answer = logger.request(
        method, re.sub("<.*?>", "nothing", path), headers={**client(next(_asked)), **headers}
    )
    return answer.status_code, answer.text


def test_the_table_has_every_route(logger_folder: Path, tmp_path: Path) -> None:
    """Of the application as the logger's own pipeline makes it; and no other."""
    done = run_job(logger_folder, "-c", SHOW_ROUTES, settings=settings_in(tmp_path / "data"))
    assert set(re.findall(r"^route (.*)$", done.stdout, re.MULTILINE)) == set(ROUTES), done.stderr


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("route", ROUTES)
def test_each_is_answered_as_he_may_be(
    request: pytest.FixtureRequest, route: str, case: Case
) -> None:
    """The refusals are problems with a hint, and show no token."""
    logger: JobProcess = request.getfixturevalue(case.logger)
    status, text = ask(logger, route, case.headers)
    expected = {
        ANYBODY: ANSWERED,
        MORE: case.more,
        SNAPSHOT: ANSWERED if case.headers == bearer(TOKEN) else 401,
        ADMINS: case.get if route.startswith("GET ") else case.post,
        OWN_PAGES: _of_own_page(route, case),
    }[ROUTES[route]]
    if expected == ANSWERED:
        # An unhealthy logger is told by the status.
        assert status in (200, 202, 303, 400, 404, 409) or (status, ROUTES[route]) == (503, MORE), (
            logger.output
        )
        return
    assert status == expected, text
    assert json.loads(text)["hint"]
    assert ADMIN not in text
    assert TOKEN not in text


def _of_own_page(route: str, case: Case) -> int | str:
    """Needs no login, but what no login would make right is refused; no password is a wrong one."""
    refused = case.get if route.startswith("GET ") else case.post
    if refused in (403, 503):
        return refused
    return 401 if route == "POST /login" and case.logger == "with_token" else ANSWERED
