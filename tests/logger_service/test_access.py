"""Who may: by token, by where the logger listens, and never for a page of somebody else's."""

from base64 import b64encode
from typing import Any

import pytest
from flask import Blueprint
from flask.testing import FlaskClient

from serving.access import Access
from serving.failed_logins import MOST_OF_ONE
from serving.web_server import create_app
from shared.settings import LoggerSettings

TOKEN = "to=ken,with:all/sorts"
HERE = "localhost:10000"
FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://[evil"},
    {"Origin": "http://localhost:9999"},
    {"Origin": f"http://{HERE}", "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "anything"},
]
OWN = [
    {},
    {"Origin": f"http://{HERE}"},
    {"Origin": f"HTTP://{HERE.upper()}", "Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
]


def client_for(**settings: Any) -> FlaskClient:
    """A browser of an application with a guarded route, and one that shows more to the admin."""
    access = Access(LoggerSettings(**settings))
    guarded, open_to_all = Blueprint("guarded", __name__), Blueprint("open", __name__)
    access.guard(guarded)
    guarded.add_url_rule("/guarded", "guarded", dict, methods=["GET", "POST"])
    open_to_all.add_url_rule("/open", "open", lambda: {"more": access.is_admin()})
    return create_app([guarded, open_to_all]).test_client()


def basic(user: str, password: str) -> dict[str, str]:
    """The header of a login by name and password."""
    return {"Authorization": f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"}


def status(client: FlaskClient, method: str = "GET", **headers: str) -> int:
    """Of the guarded route's answer, asked for at this machine's address."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.open("/guarded", method=method, headers={"Host": HERE, **named}).status_code


@pytest.fixture
def guarded() -> FlaskClient:
    """With a token, wherever it listens."""
    return client_for(admin_token=TOKEN)


@pytest.fixture
def guarded_on_render() -> FlaskClient:
    """With a token, behind proxies that tell who asks."""
    return client_for(admin_token=TOKEN, render=True)


@pytest.fixture
def on_loopback() -> FlaskClient:
    """Without one."""
    return client_for(host="127.0.0.1")


@pytest.mark.parametrize(
    "login",
    [
        {"Authorization": f"Bearer {TOKEN}"},
        {"Authorization": f"bearer  {TOKEN} "},
        basic("admin", TOKEN),
        basic("", TOKEN),
        basic("anybody else", TOKEN),
    ],
)
def test_the_token_opens(guarded: FlaskClient, login: dict[str, str]) -> None:
    """As a bearer, or as any user's password; what is shown is kept by no cache."""
    answer = guarded.get("/guarded", headers=login)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert guarded.get("/open", headers=login).json == {"more": True}


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        TOKEN,
        f"Digest {TOKEN}",
        "Bearer tokén",
        "Basic",
        "Basic !!!",
        "Basic YWJj",
        f"Basic {TOKEN}",
        "Basic é",
        basic(TOKEN, "")["Authorization"],
        basic("admin", f"x{TOKEN}")["Authorization"],
    ],
)
def test_anything_else_is_a_wrong_token(guarded: FlaskClient, header: str) -> None:
    """401 also where nobody has to log in: who tries to is to know that it failed."""
    for path in ("/guarded", "/open"):
        answer = guarded.get(path, headers={"Authorization": header})
        assert answer.status_code == 401
        assert TOKEN not in answer.text
        assert answer.headers.getlist("WWW-Authenticate") == [
            'Bearer realm="btc-logger"',
            'Basic realm="btc-logger", charset="UTF-8"',
        ]


def test_the_token_is_not_looked_for_in_the_query(guarded: FlaskClient) -> None:
    """Addresses are logged, and kept in histories."""
    assert guarded.get(f"/guarded?token={TOKEN}&admin_token={TOKEN}").status_code == 401
    assert guarded.get("/open").json == {"more": False}


def test_after_five_failures_even_the_token_waits(guarded: FlaskClient) -> None:
    """429 with the seconds, also where nobody has to log in; who does not try may go on."""
    for _ in range(MOST_OF_ONE):
        assert status(guarded, Authorization="Bearer guess") == 401
    for path in ("/guarded", "/open"):
        answer = guarded.get(path, headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert status(guarded) == 401
    assert guarded.get("/open").json == {"more": False}


@pytest.mark.parametrize(
    ("render", "told", "waits"),
    [
        (True, "192.0.2.{}, 172.71.95.118, 10.0.0.1", False),
        (True, "192.0.2.1, 172.71.95.118, 10.0.0.{}", True),
        (True, "192.0.2.{}, 192.0.2.1, 172.71.95.118, 10.0.0.1", True),
        (True, "2001:db8::{}", True),
        (True, "2001:db8:0:{}::1", False),
        (True, "nobody {}", True),
        (False, "192.0.2.{}", True),
    ],
)
def test_a_client_is_whom_renders_proxies_have_seen(render: bool, told: str, waits: bool) -> None:
    """Elsewhere it is whoever connects. Of IPv6 it is a network: one person has all of it."""
    client = client_for(admin_token=TOKEN, render=render)
    answers = [
        status(client, Authorization="Bearer guess", X_Forwarded_For=told.format(number))
        for number in range(1, MOST_OF_ONE + 2)
    ]
    assert answers == [401] * MOST_OF_ONE + [429 if waits else 401]


def test_nobody_fails_in_the_name_of_another(guarded_on_render: FlaskClient) -> None:
    """Who writes the owner's address into a header keeps himself out, and not the owner."""
    chain = "198.51.100.7, 192.0.2.66, 172.71.95.118, 10.0.0.1"
    forged = {"X_Forwarded_For": chain, "CF_Connecting_IP": "192.0.2.66"}
    for _ in range(MOST_OF_ONE):
        assert status(guarded_on_render, Authorization="Bearer guess", **forged) == 401
    assert status(guarded_on_render, Authorization="Bearer guess", **forged) == 429
    own = "198.51.100.7, 172.71.95.118, 10.0.0.1"
    told = {"X_Forwarded_For": own, "CF_Connecting_IP": "198.51.100.7"}
    assert status(guarded_on_render, Authorization=f"Bearer {TOKEN}", **told) == 200


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("name", ["guarded", "on_loopback"])
def test_a_foreign_page_changes_nothing(
    request: pytest.FixtureRequest, name: str, headers: dict[str, str]
) -> None:
    """403 for a POST, although the browser has logged in."""
    client = request.getfixturevalue(name)
    login = basic("admin", TOKEN) if name == "guarded" else {}
    answer = client.post("/guarded", headers={"Host": HERE, **login, **headers})
    assert answer.status_code == 403


@pytest.mark.parametrize("headers", OWN)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_its_own_page_and_programs_may(
    guarded: FlaskClient, on_loopback: FlaskClient, method: str, headers: dict[str, str]
) -> None:
    """Their Origin is the very host that they ask; curl sends none."""
    assert status(guarded, method, **basic("admin", TOKEN), **headers) == 200
    assert status(on_loopback, method, **headers) == 200


@pytest.mark.parametrize("headers", FOREIGN)
def test_where_everybody_here_may_a_foreign_page_reads_nothing(
    guarded: FlaskClient, on_loopback: FlaskClient, headers: dict[str, str]
) -> None:
    """With a token it could not read the answer; and what anybody may see stays open."""
    assert status(on_loopback, **headers) == 403
    assert on_loopback.get("/open", headers={"Host": HERE, **headers}).json == {"more": False}
    assert status(guarded, **basic("admin", TOKEN), **headers) == 200


def test_a_link_from_a_foreign_page_may_be_followed(on_loopback: FlaskClient) -> None:
    """In a tab of its own, and with a GET alone."""
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert status(on_loopback, **link, Sec_Fetch_Dest="document") == 200
    assert status(on_loopback, **link, Sec_Fetch_Dest="iframe") == 403
    assert status(on_loopback, "POST", **link, Sec_Fetch_Dest="document") == 403


@pytest.mark.parametrize("host", ["evil.example", "evil.example:10000", "", "[", "127.0.0.1.evil"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_where_everybody_here_may_it_has_to_be_called_by_its_name(
    on_loopback: FlaskClient, method: str, host: str
) -> None:
    """A foreign name that leads here makes a foreign page this very site."""
    assert status(on_loopback, method, Host=host) == 403


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:10000", "[::1]:10000"])
def test_each_name_of_this_machine_will_do(on_loopback: FlaskClient, host: str) -> None:
    """With any port."""
    assert status(on_loopback, Host=host) == 200


@pytest.mark.parametrize(
    "settings", [{}, {"host": "192.0.2.1"}, {"host": "127.0.0.1", "render": True}]
)
def test_without_a_token_a_logger_that_others_reach_is_closed(settings: dict[str, Any]) -> None:
    """503 with the setting's name, whatever is sent; what anybody may see stays open."""
    client = client_for(**settings)
    for headers in ({}, basic("admin", ""), {"Authorization": "Bearer "}):
        answer = client.post("/guarded", headers=headers)
        assert answer.status_code == 503
        assert "ADMIN_TOKEN" in answer.text
        assert client.get("/open", headers=headers).json == {"more": False}
