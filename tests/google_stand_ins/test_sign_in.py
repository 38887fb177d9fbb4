import re
from urllib.parse import urlsplit

import pytest
import requests

from emulators.google_cloud import Call, GoogleCloudFake
from google_stand_ins.gcloud_command import Gcloud


def test_one_person_is_signed_in(cloud: GoogleCloudFake, gcloud: Gcloud) -> None:
    """With tokens of access and of identity."""
    listed = gcloud.read("auth list")
    assert listed == [{"account": "owner@example.com", "status": "ACTIVE"}]
    token = gcloud.run("auth print-access-token").strip()
    headers = {"Authorization": f"Bearer {token}"}
    assert requests.get(f"{cloud.url}/v1/projects/p1", headers=headers, timeout=10).ok
    claims = cloud.tokens.signer.verified(gcloud.run("auth print-identity-token").strip())
    assert claims["email"] == "owner@example.com"


@pytest.mark.parametrize("header", ["", "Bearer made-up", "Basic b3duZXI6"])
def test_a_request_without_a_token_is_refused(cloud: GoogleCloudFake, header: str) -> None:
    """As well as one with a token that nobody gave out."""
    headers = {"Authorization": header} if header else {}
    got = requests.get(f"{cloud.url}/v1/projects/p1", headers=headers, timeout=10)
    assert (got.status_code, got.json()["error"]["status"]) == (401, "UNAUTHENTICATED")


def test_what_is_not_offered_is_named(cloud: GoogleCloudFake) -> None:
    """And counted as unknown; of a proxy's request, only Cloud Run's host is answered."""
    for address in (f"{cloud.url}/v9/nonsense", "http://elsewhere.test/v1/projects/p1"):
        got = requests.get(address, proxies={"http": cloud.url}, timeout=10)
        assert got.status_code == 501
        path = urlsplit(address).path
        assert re.search(f"does not offer GET .*{path}", got.json()["error"]["message"])
    assert {call.method for call in cloud.calls} == {"unknown"}


def test_calls_are_told_apart_from_changes(cloud: GoogleCloudFake, gcloud: Gcloud) -> None:
    """A change that was refused is none."""
    gcloud.run("secrets create token --replication-policy=automatic")
    gcloud.fail("secrets create token --replication-policy=automatic")
    gcloud.run("secrets list")
    resource = "projects/p1/secrets/token"
    made = Call("secretmanager", "secrets.create", resource, 200, changes=True)
    refused = Call("secretmanager", "secrets.create", resource, 409, changes=True)
    listed = Call("secretmanager", "secrets.list", "projects/p1/secrets", 200, changes=False)
    assert [call for call in cloud.calls if call.api != "oauth2"] == [made, refused, listed]
    assert cloud.changes == [made]
