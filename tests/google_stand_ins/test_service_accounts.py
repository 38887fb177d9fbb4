import json

import pytest
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from google.oauth2.service_account import Credentials, IDTokenCredentials

from emulators.google_cloud import GoogleCloudFake
from google_stand_ins.gcloud_command import Gcloud

EMAIL = "render-key@p1.iam.gserviceaccount.com"
OF_IT = f"--iam-account={EMAIL}"
SCOPES = ["https://www.googleapis.com/auth/cloud-platform"]


@pytest.fixture
def account(gcloud: Gcloud) -> str:
    """The address of an account."""
    gcloud.run("iam service-accounts create render-key --display-name=Render")
    return EMAIL


def test_an_account_is_made_once_and_deleted_once(cloud: GoogleCloudFake, gcloud: Gcloud) -> None:
    """And described, listed, disabled and enabled in between."""
    gcloud.run("iam service-accounts create render-key --display-name=Render")
    assert "already exists" in gcloud.fail("iam service-accounts create render-key")
    assert "must match" in gcloud.fail("iam service-accounts create short")
    assert gcloud.read(f"iam service-accounts describe {EMAIL}")["displayName"] == "Render"
    assert [each["email"] for each in gcloud.read("iam service-accounts list")] == [EMAIL]
    gcloud.run(f"iam service-accounts disable {EMAIL}")
    assert cloud.accounts[EMAIL].is_disabled
    for _ in range(2):
        gcloud.run(f"iam service-accounts enable {EMAIL}")
    assert not cloud.accounts[EMAIL].is_disabled
    gcloud.run(f"iam service-accounts delete {EMAIL}")
    assert "NOT_FOUND" in gcloud.fail(f"iam service-accounts delete {EMAIL}")
    assert "NOT_FOUND" in gcloud.fail(f"iam service-accounts describe {EMAIL}")
    assert not cloud.accounts


@pytest.mark.usefixtures("account")
def test_keys_are_made_listed_and_deleted(cloud: GoogleCloudFake, gcloud: Gcloud) -> None:
    """Each is another one; what is deleted is not found again."""
    for name in ("first.json", "second.json"):
        gcloud.run(f"iam service-accounts keys create {name} {OF_IT}")
    first, second = (
        json.loads((gcloud.folder / name).read_text())["private_key_id"]
        for name in ("first.json", "second.json")
    )
    listed = gcloud.read(f"iam service-accounts keys list --managed-by=user {OF_IT}")
    assert [each["name"].rpartition("/")[2] for each in listed] == [first, second]
    gcloud.run(f"iam service-accounts keys delete {first} {OF_IT}")
    assert "NOT_FOUND" in gcloud.fail(f"iam service-accounts keys delete {first} {OF_IT}")
    assert list(cloud.accounts[EMAIL].keys) == [second]


@pytest.mark.usefixtures("account")
def test_a_key_is_worth_tokens_as_long_as_it_and_its_account_last(
    cloud: GoogleCloudFake, gcloud: Gcloud
) -> None:
    """Google's own client changes it for an access token, and for one of identity."""
    gcloud.run(f"iam service-accounts keys create key.json {OF_IT}")
    path = str(gcloud.folder / "key.json")
    access = Credentials.from_service_account_file(path, scopes=SCOPES)  # type: ignore[no-untyped-call] # google-auth has few types
    access.refresh(Request())
    identity = IDTokenCredentials.from_service_account_file(path, target_audience="https://f")  # type: ignore[no-untyped-call] # as above
    identity.refresh(Request())
    claims = cloud.tokens.signer.verified(identity.token)
    assert (claims["email"], claims["aud"]) == (EMAIL, "https://f")
    cloud.accounts[EMAIL].is_disabled = True
    with pytest.raises(RefreshError, match="disabled"):
        access.refresh(Request())
    cloud.accounts[EMAIL].is_disabled = False
    cloud.accounts[EMAIL].keys.clear()
    with pytest.raises(RefreshError, match="Invalid JWT Signature"):
        access.refresh(Request())


def test_the_file_of_a_key_names_the_token_endpoint_that_was_asked_for(
    gcloud: Gcloud,
) -> None:
    """By default the stand-in's own."""
    gcloud.run("iam service-accounts create render-key")
    gcloud.run(f"iam service-accounts keys create key.json {OF_IT}")
    told = json.loads((gcloud.folder / "key.json").read_text())
    assert told["token_uri"].startswith("http://127.0.0.1:")


def test_an_account_has_a_policy_of_its_own(
    cloud: GoogleCloudFake, gcloud: Gcloud, account: str
) -> None:
    """Which says who may act as it."""
    user = "--member=user:a@b.c --role=roles/iam.serviceAccountUser"
    for _ in range(2):
        gcloud.run(f"iam service-accounts add-iam-policy-binding {account} {user}")
    bindings = gcloud.read(f"iam service-accounts get-iam-policy {account}")["bindings"]
    assert bindings == [{"role": "roles/iam.serviceAccountUser", "members": ["user:a@b.c"]}]
    assert cloud.policy(f"projects/p1/serviceAccounts/{account}")["bindings"] == bindings


def test_a_deleted_account_leaves_a_mark_in_the_policies(
    cloud: GoogleCloudFake, gcloud: Gcloud, account: str
) -> None:
    """And a new one of the same name does not inherit what the old one had."""
    member = f"--member=serviceAccount:{account} --role=roles/viewer --condition=None"
    gcloud.run(f"projects add-iam-policy-binding p1 {member}")
    gone = cloud.accounts[account].unique_id
    gcloud.run(f"iam service-accounts delete {account}")
    gcloud.run("iam service-accounts create render-key")
    viewers = [each for each in cloud.policy()["bindings"] if each["role"] == "roles/viewer"]
    assert viewers[0]["members"] == [f"deleted:serviceAccount:{account}?uid={gone}"]
