import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from emulators.google_cloud import GoogleCloudFake
from emulators.google_grants import GCLOUD, LIBRARIES, challenge_of

VERIFIER = "a-verifier-that-nobody-else-has-seen-before"
WAITING = "http://localhost:18085/"
ASKED = {
    "response_type": "code",
    "client_id": GCLOUD,
    "redirect_uri": WAITING,
    "scope": "openid one two",
    "state": "s p&ce",
    "access_type": "offline",
    "code_challenge": challenge_of(VERIFIER),
    "code_challenge_method": "S256",
}
ALLOWED = {"email": "owner@example.com", "answer": "allow"}


def shown(cloud: GoogleCloudFake, asked: dict[str, str]) -> requests.Response:
    """The page that a program's address leads to."""
    return requests.get(f"{cloud.url}/o/oauth2/auth", params=asked, timeout=10)


def decided(cloud: GoogleCloudFake, form: dict[str, str]) -> requests.Response:
    """What follows when a person sends the page's form."""
    address = f"{cloud.url}/o/oauth2/consent"
    return requests.post(address, data=form, timeout=10, allow_redirects=False)


def opened(cloud: GoogleCloudFake) -> str:
    """What the form of a page that was opened names it."""
    found = re.search('name="asked" value="(.+)"', shown(cloud, ASKED).text)
    assert found
    return found[1]


def sent_back(answer: requests.Response) -> dict[str, str]:
    """What a person brings to the program that waits for them."""
    assert answer.status_code == 302
    address = answer.headers["Location"]
    assert address.startswith(f"{WAITING}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def exchanged(cloud: GoogleCloudFake, **form: str) -> tuple[int, dict[str, Any]]:
    """The answer to what comes in exchange for a token."""
    client = {"client_id": GCLOUD, "client_secret": "known"}
    answer = requests.post(f"{cloud.url}/token", data=client | form, timeout=10)
    return answer.status_code, answer.json()


def redeemed(cloud: GoogleCloudFake, code: str, **changed: str) -> tuple[int, dict[str, Any]]:
    """The answer to a code, and to what gcloud sends with it."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": WAITING,
        "code_verifier": VERIFIER,
    }
    return exchanged(cloud, **form | changed)


@pytest.fixture
def code(cloud: GoogleCloudFake) -> str:
    """What a person who allows it brings back."""
    return sent_back(decided(cloud, ALLOWED | {"asked": opened(cloud)}))["code"]


@pytest.fixture
def refresh(cloud: GoogleCloudFake, code: str) -> dict[str, str]:
    """What a program that was allowed something may send from then on."""
    status, given = redeemed(cloud, code)
    assert status == 200
    return {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}


@pytest.mark.parametrize(
    ("name", "value", "status", "told"),
    [
        ("client_id", "somebody", 401, "invalid_client"),
        ("redirect_uri", "https://elsewhere.test/", 400, "redirect_uri_mismatch"),
        ("redirect_uri", "http://localhost.elsewhere.test:80/", 400, "redirect_uri_mismatch"),
        ("code_challenge", "short", 400, "invalid_request"),
        ("response_type", "token", 501, "response_type"),
        ("code_challenge_method", "plain", 501, "code_challenge_method"),
        ("prompt", "consent", 501, "prompt"),
    ],
)
def test_the_page_is_shown_for_nothing_else(
    cloud: GoogleCloudFake, name: str, value: str, status: int, told: str
) -> None:
    """And nobody is sent anywhere."""
    answer = shown(cloud, ASKED | {name: value})
    assert (answer.status_code, answer.history) == (status, [])
    assert told in answer.text


@pytest.mark.parametrize("name", ASKED)
def test_all_that_gcloud_sends_is_needed(cloud: GoogleCloudFake, name: str) -> None:
    """The error names what is missing."""
    answer = shown(cloud, {each: value for each, value in ASKED.items() if each != name})
    assert answer.status_code == 400
    assert f"missing: {name}<" in answer.text


def test_what_a_program_says_is_shown_as_text(cloud: GoogleCloudFake) -> None:
    """Whatever it writes."""
    assert "<li>&lt;b&gt;<li>two" in shown(cloud, ASKED | {"scope": "<b> two"}).text


def test_a_person_decides_once(cloud: GoogleCloudFake) -> None:
    """Under the address of their account, with one of the two buttons."""
    asked = {"asked": opened(cloud)}
    stranger = decided(cloud, ALLOWED | asked | {"email": "stranger@example.com"})
    assert (stranger.status_code, "Couldn&#x27;t find" in stranger.text) == (400, True)
    refused = sent_back(decided(cloud, ALLOWED | asked | {"answer": "deny"}))
    assert refused == {"error": "access_denied", "state": ASKED["state"]}
    assert decided(cloud, ALLOWED | asked).status_code == 400
    assert decided(cloud, ALLOWED | {"asked": opened(cloud), "answer": ""}).status_code == 400
    allowed = sent_back(decided(cloud, ALLOWED | {"asked": opened(cloud)}))
    assert (allowed["state"], allowed["scope"]) == (ASKED["state"], ASKED["scope"])


def test_a_code_is_worth_tokens_once(cloud: GoogleCloudFake, code: str) -> None:
    """Of access, of identity, and one to refresh them with."""
    status, given = redeemed(cloud, code)
    assert (status, given["scope"], given["token_type"]) == (200, ASKED["scope"], "Bearer")
    assert cloud.tokens.holder(given["access_token"]) == cloud.operator
    claims = cloud.tokens.signer.verified(given["id_token"])
    assert (claims["email"], claims["aud"]) == (cloud.operator, GCLOUD)
    assert redeemed(cloud, code)[1]["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changed", "status", "told"),
    [
        ({"code": "4/made-up"}, 400, "invalid_grant"),
        ({"redirect_uri": "http://localhost:18086/"}, 400, "invalid_grant"),
        ({"code_verifier": f"{VERIFIER}?"}, 400, "invalid_grant"),
        ({"code_verifier": ""}, 400, "invalid_grant"),
        ({"client_id": LIBRARIES}, 400, "invalid_grant"),
        ({"client_id": "somebody"}, 401, "invalid_client"),
        ({"client_secret": ""}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
def test_a_code_is_worth_nothing_to_another(
    cloud: GoogleCloudFake, code: str, changed: dict[str, str], status: int, told: str
) -> None:
    """Who has not the verifier, waits elsewhere, or is another program."""
    got, given = redeemed(cloud, **{"code": code} | changed)
    assert (got, given["error"], "access_token" in given) == (status, told, False)


def test_a_grant_is_refreshed_in_whole_or_in_part(
    cloud: GoogleCloudFake, refresh: dict[str, str]
) -> None:
    """As often as its program likes."""
    for more, scope in (({}, ASKED["scope"]), ({"scope": "two"}, "two"), ({}, ASKED["scope"])):
        status, given = exchanged(cloud, **refresh, **more)
        assert (status, given["scope"]) == (200, scope)
        assert cloud.tokens.holder(given["access_token"]) == cloud.operator


@pytest.mark.parametrize(
    ("changed", "status", "told"),
    [
        ({"refresh_token": "1//made-up"}, 400, "invalid_grant"),
        ({"client_id": LIBRARIES}, 400, "invalid_grant"),
        ({"client_secret": "another"}, 401, "invalid_client"),
        ({"scope": "two three"}, 400, "invalid_scope"),
    ],
)
def test_a_grant_is_not_refreshed_for_another(
    cloud: GoogleCloudFake, refresh: dict[str, str], changed: dict[str, str], status: int, told: str
) -> None:
    """Nor for more than was allowed."""
    got, given = exchanged(cloud, **refresh | changed)
    assert (got, given["error"], "access_token" in given) == (status, told, False)
