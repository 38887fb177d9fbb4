from collections.abc import Iterator

import pytest
import requests

from emulators.google_by_name import NAME, GoogleByName
from emulators.google_cloud import GoogleCloudFake


@pytest.fixture
def session(cloud: GoogleCloudFake, monkeypatch: pytest.MonkeyPatch) -> Iterator[requests.Session]:
    """A client in the environment that leads to the stand-in."""
    with GoogleByName(cloud) as named, requests.Session() as session:
        for variable, value in named.environment.items():
            monkeypatch.setenv(variable, value)
        yield session


def refreshed(cloud: GoogleCloudFake, session: requests.Session) -> requests.Response:
    """The answer to the refresh token of the person who is signed in."""
    form = {"grant_type": "refresh_token", "refresh_token": cloud.tokens.refresh_token}
    return session.post(f"https://{NAME}/token", data=form, timeout=10)


def test_the_address_of_tokens_is_the_stand_in(
    cloud: GoogleCloudFake, session: requests.Session
) -> None:
    """On one connection as often as the client likes."""
    for _ in range(3):
        token = refreshed(cloud, session).json()["access_token"]
        assert cloud.tokens.holder(token) == cloud.operator
    assert [call.method for call in cloud.calls] == ["token.issue"] * 3


def test_no_other_name_is_reached(cloud: GoogleCloudFake, session: requests.Session) -> None:
    """Whoever asks for one is refused, not led elsewhere."""
    with pytest.raises(requests.exceptions.ProxyError, match="501"):
        session.get("https://storage.googleapis.com/", timeout=10)
    assert not cloud.calls


def test_nobody_else_trusts_it(
    cloud: GoogleCloudFake, session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client without the certificate does not take it for Google."""
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with pytest.raises(requests.exceptions.SSLError):
        refreshed(cloud, session)
    assert not cloud.calls
