import pytest

from emulators.google_cloud import GoogleCloudFake
from google_stand_ins.gcloud_command import Gcloud

CREATE = "secrets create token --replication-policy=automatic"
ADD = "secrets versions add token --data-file=-"


@pytest.fixture
def token(gcloud: Gcloud) -> str:
    """The name of a secret with two versions."""
    gcloud.run(CREATE)
    gcloud.run(ADD, "first")
    gcloud.run(ADD, "second")
    return "token"


def test_a_secret_is_made_once_and_deleted_once(cloud: GoogleCloudFake, gcloud: Gcloud) -> None:
    """And described and listed in between, by the project's number."""
    gcloud.run(CREATE)
    assert "already exists" in gcloud.fail(CREATE)
    name = "projects/123456789012/secrets/token"
    assert gcloud.read("secrets describe token")["name"] == name
    assert [each["name"] for each in gcloud.read("secrets list")] == [name]
    gcloud.run("secrets delete token")
    for command in ("delete", "describe", "versions list", "get-iam-policy"):
        assert "NOT_FOUND" in gcloud.fail(f"secrets {command} token")
    assert not cloud.secrets


def test_versions_are_added_and_read(cloud: GoogleCloudFake, gcloud: Gcloud, token: str) -> None:
    """By their number, or the latest one; the newest is listed first."""
    assert gcloud.run(f"secrets versions access 1 --secret={token}") == "first"
    assert gcloud.run(f"secrets versions access latest --secret={token}") == "second"
    assert "NOT_FOUND" in gcloud.fail(f"secrets versions access 3 --secret={token}")
    listed = [each["name"] for each in gcloud.read(f"secrets versions list {token}")]
    assert listed == [f"projects/123456789012/secrets/token/versions/{n}" for n in (2, 1)]
    assert [version.payload for version in cloud.secrets[token].versions] == [b"first", b"second"]


def test_a_version_is_disabled_and_destroyed(
    cloud: GoogleCloudFake, gcloud: Gcloud, token: str
) -> None:
    """Then nobody reads it; a destroyed one is gone, and its number is not used again."""
    gcloud.run(f"secrets versions disable 1 --secret={token}")
    assert "DISABLED" in gcloud.fail(f"secrets versions access 1 --secret={token}")
    gcloud.run(f"secrets versions destroy 2 --secret={token}")
    assert "FAILED_PRECONDITION" in gcloud.fail(f"secrets versions destroy 2 --secret={token}")
    assert "DESTROYED" in gcloud.fail(f"secrets versions access latest --secret={token}")
    assert gcloud.read(f"secrets versions list {token} --filter=state=ENABLED") == []
    gcloud.run(ADD, "third")
    states = [(each.number, each.state, each.payload) for each in cloud.secrets[token].versions]
    assert states == [(1, "DISABLED", b"first"), (2, "DESTROYED", b""), (3, "ENABLED", b"third")]


def test_a_secret_has_a_policy_of_its_own(
    cloud: GoogleCloudFake, gcloud: Gcloud, token: str
) -> None:
    """Which says who may read it."""
    reader = "--member=user:a@b.c --role=roles/secretmanager.secretAccessor"
    for _ in range(2):
        gcloud.run(f"secrets add-iam-policy-binding {token} {reader}")
    bindings = gcloud.read(f"secrets get-iam-policy {token}")["bindings"]
    assert bindings == [{"role": "roles/secretmanager.secretAccessor", "members": ["user:a@b.c"]}]
    gcloud.run(f"secrets remove-iam-policy-binding {token} {reader}")
    assert "not found" in gcloud.fail(f"secrets remove-iam-policy-binding {token} {reader}")
    assert cloud.policy("projects/p1/secrets/token")["bindings"] == []
