import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from google.auth import jwt
from google.auth.crypt import RSASigner
from google.auth.exceptions import RefreshError
from google.cloud.storage import Client

from emulators.storage import StorageFake
from emulators.storage_accounts import AUDIENCE, GRANT
from storage_fake.storage_client import bucket_with_key, put

EMAIL = "render@p1.iam.gserviceaccount.com"
SCOPE = "https://www.googleapis.com/auth/devstorage.read_write"
CREATOR = ["roles/storage.objectCreator"]


@pytest.fixture
def key_file(fake: StorageFake, tmp_path: Path) -> Path:
    """A key of an account that may create objects."""
    fake.grant("b", EMAIL, CREATOR)
    return fake.key_file(tmp_path / "key.json", EMAIL)


def post(fake: StorageFake, **form: str) -> requests.Response:
    """Ask for a token."""
    return requests.post(fake.token_uri, data=form, timeout=10)


def assertion(key_file: Path, seconds: int = 60, **claims: str) -> str:
    """What the key's holder would sign, but for the claims that are given."""
    key = json.loads(key_file.read_text())
    told = {"iss": key["client_email"], "aud": AUDIENCE, "scope": SCOPE, **claims}
    return signed(key, told, seconds)


def signed(key: dict[str, str], claims: dict[str, Any], seconds: int) -> str:
    """A JSON Web Token that names the key it is signed with, and is valid so long."""
    now = int(time.time())
    signer = RSASigner.from_service_account_info(key)  # type: ignore[no-untyped-call] # google-auth's lack
    told = {"iat": now, "exp": now + seconds, **claims}
    return str(jwt.encode(signer, told), "ascii")  # type: ignore[no-untyped-call] # google-auth's lack


def test_a_key_is_changed_for_a_token_once(fake: StorageFake, key_file: Path) -> None:
    """The real client asks for it at the address that the key names."""
    bucket = bucket_with_key(fake, key_file)
    put(bucket, "a", b"1")
    put(bucket, "b", b"2")
    assert fake.objects("b") == {"a": b"1", "b": b"2"}
    assert [call.verb for call in fake.calls] == ["token", "insert", "insert"]


def test_the_environment_leads_the_client_with_its_key(
    fake: StorageFake, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Render: the path of a key; STORAGE_EMULATOR_HOST would have it come without."""
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(key_file))
    monkeypatch.setenv("API_ENDPOINT_OVERRIDE", fake.url)
    put(Client().bucket("b"), "a", b"1")
    assert [call.verb for call in fake.calls] == ["token", "insert"]


def test_a_token_ends_after_an_hour(tmp_path: Path) -> None:
    """A request with an old one is refused, and the client gets itself a new one."""
    moment = datetime.now(UTC)
    with StorageFake(["b"], now=lambda: moment) as fake:
        fake.grant("b", EMAIL, CREATOR)
        bucket = bucket_with_key(fake, fake.key_file(tmp_path / "key.json", EMAIL))
        put(bucket, "a", b"1")
        moment += timedelta(hours=1)
        put(bucket, "b", b"2")
    told = [(call.verb, call.status) for call in fake.calls]
    insert, token = ("insert", 200), ("token", 200)
    assert told == [token, insert, ("insert", 401), token, insert]


@pytest.mark.parametrize("authorization", ["Bearer unknown", "Basic dXNlcjo=", "unknown"])
def test_an_unknown_token_is_refused(fake: StorageFake, authorization: str) -> None:
    """Also where no token would do."""
    url = f"{fake.url}/storage/v1/b/b/o"
    answer = requests.get(url, headers={"Authorization": authorization}, timeout=10)
    assert answer.status_code == 401
    assert answer.json()["error"]["errors"][0]["reason"] == "authError"
    assert requests.get(url, timeout=10).status_code == 200


def test_a_token_of_another_server_is_known_by_whoever_gave_it() -> None:
    """So that keys and people may be kept elsewhere; an owner may do everything."""
    people = {"theirs": "owner@example.com", "hers": "stranger@example.com"}
    owners = ["owner@example.com"]
    with StorageFake(["b"], identify=people.get, owners=owners, tokens_required=True) as fake:
        url = f"{fake.url}/storage/v1/b/b"
        for token, status in (("theirs", 200), ("hers", 403), ("nobody's", 401)):
            headers = {"Authorization": f"Bearer {token}"}
            assert requests.get(url, headers=headers, timeout=10).status_code == status


def test_a_key_of_another_server_is_worth_nothing(fake: StorageFake, tmp_path: Path) -> None:
    """The signature is that of a key, but of none that is known here."""
    with StorageFake(["b"]) as other:
        key = json.loads(other.key_file(tmp_path / "key.json", EMAIL).read_text())
    (tmp_path / "key.json").write_text(json.dumps(key | {"token_uri": fake.token_uri}))
    with pytest.raises(RefreshError, match="invalid_grant"):
        put(bucket_with_key(fake, tmp_path / "key.json"), "a", b"1")
    assert [(call.verb, call.status) for call in fake.calls] == [("token", 400)]


def test_an_assertion_has_to_be_ones_own_and_meant_for_this(
    fake: StorageFake, key_file: Path, tmp_path: Path
) -> None:
    """Signed by that account's key, for this purpose and these scopes, and still valid."""
    assert post(fake, grant_type=GRANT, assertion=assertion(key_file)).status_code == 200
    another = json.loads(fake.key_file(tmp_path / "another.json", "a@b").read_text())
    stolen_name = {"private_key_id": another["private_key_id"]}
    mixed = json.loads(key_file.read_text()) | stolen_name
    claims = {"iss": EMAIL, "aud": AUDIENCE, "scope": SCOPE}
    bad = [
        assertion(key_file, iss="a@b"),
        assertion(key_file, aud="https://example.com/token"),
        assertion(key_file, scope="https://www.googleapis.com/auth/devstorage.read_only"),
        assertion(key_file, seconds=-60),
        signed(mixed, claims, 60),
        "no.token",
        "",
    ]
    for each in bad:
        answer = post(fake, grant_type=GRANT, assertion=each)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert post(fake, grant_type="password", assertion=assertion(key_file)).status_code == 400
