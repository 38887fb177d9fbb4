import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from google.api_core import exceptions
from google.auth.exceptions import InvalidOperation
from google.cloud.storage import Bucket

from emulators.storage import StorageFake
from emulators.storage_access import ROLES
from emulators.storage_buckets import FIRST_GENERATION
from storage_fake.storage_client import bucket_of, bucket_with_key, names, put

EMAIL = "someone@p1.iam.gserviceaccount.com"
WEEK = {"softDeletePolicy": {"retentionDurationSeconds": 7 * 24 * 3600}}
PERMISSIONS: dict[str, list[str]] = json.loads(ROLES.read_text())["permissions"]


def create(bucket: Bucket) -> None:
    """One that is new."""
    put(bucket, "new", b"1", if_generation_match=0)


def create_in_pieces(bucket: Bucket) -> None:
    """One that is new, by a resumable upload."""
    blob = bucket.blob("new", chunk_size=256 * 1024)
    blob.upload_from_string(bytes(300 * 1024), retry=None)


def replace(bucket: Bucket) -> None:
    """One that is there."""
    put(bucket, "a", b"2")


def replace_in_pieces(bucket: Bucket) -> None:
    """One that is there, by a resumable upload."""
    blob = bucket.blob("a", chunk_size=256 * 1024)
    blob.upload_from_string(bytes(300 * 1024), retry=None)


def update(bucket: Bucket) -> None:
    """Metadata of one's own."""
    blob = bucket.blob("a")
    blob.metadata = {"is": "changed"}
    blob.patch(retry=None)


def copy(bucket: Bucket) -> None:
    """One to a name that is new."""
    bucket.blob("copy").rewrite(bucket.blob("a"), retry=None)


def copy_over(bucket: Bucket) -> None:
    """One to a name that is there: its own."""
    bucket.blob("a").rewrite(bucket.blob("a"), retry=None)


def restore(bucket: Bucket) -> None:
    """One that was deleted."""
    bucket.restore_blob("deleted", generation=FIRST_GENERATION, retry=None)


NEEDS: dict[Callable[[Bucket], object], list[str]] = {
    create: ["create"],
    create_in_pieces: ["create"],
    replace: ["create", "delete"],
    replace_in_pieces: ["create", "delete"],
    update: ["update"],
    copy: ["get", "create"],
    copy_over: ["get", "create", "delete"],
    restore: ["restore", "create"],
    lambda bucket: bucket.blob("a").delete(retry=None): ["delete"],
    lambda bucket: bucket.blob("a").download_as_bytes(retry=None): ["get"],
    lambda bucket: bucket.blob("a").reload(retry=None): ["get"],
    names: ["list"],
}


@pytest.fixture
def key_file(fake: StorageFake, tmp_path: Path) -> Path:
    """A key of an account that has no role yet; there is an object, `a`, and one was deleted."""
    fake.bucket("b").patch(WEEK, datetime.now(UTC))
    fake.plant("b", "deleted", b"1")
    bucket_of(fake).delete_blob("deleted", retry=None)
    fake.plant("b", "a", b"1")
    return fake.key_file(tmp_path / "key.json", EMAIL)


@pytest.mark.parametrize("role", PERMISSIONS)
@pytest.mark.parametrize("act", NEEDS)
def test_a_role_permits_what_the_table_says(
    fake: StorageFake, key_file: Path, role: str, act: Callable[[Bucket], object]
) -> None:
    """And nothing else; the refusal names the account and what it lacks."""
    fake.grant("b", EMAIL, [role])
    needed = [f"storage.objects.{right}" for right in NEEDS[act]]
    lacking = [permission for permission in needed if permission not in PERMISSIONS[role]]
    if not lacking:
        act(bucket_with_key(fake, key_file))
        return
    before = fake.objects("b")
    with pytest.raises(exceptions.Forbidden, match=f"{EMAIL} does not have {lacking[0]} access"):
        act(bucket_with_key(fake, key_file))
    assert fake.objects("b") == before


def test_roles_add_up(fake: StorageFake, key_file: Path) -> None:
    """With several, whatever one of them permits."""
    fake.grant("b", EMAIL, ["roles/storage.objectCreator", "roles/storage.objectViewer"])
    bucket = bucket_with_key(fake, key_file)
    create(bucket)
    assert names(bucket) == ["a", "new"]


def test_a_role_holds_in_its_bucket_alone(tmp_path: Path) -> None:
    """And as long as the policy has it."""
    with StorageFake(["b", "c"]) as fake:
        fake.grant("c", EMAIL, ["roles/storage.objectViewer"])
        key_file = fake.key_file(tmp_path / "key.json", EMAIL)
        assert names(bucket_with_key(fake, key_file, "c")) == []
        with pytest.raises(exceptions.Forbidden, match=r"storage\.objects\.list"):
            names(bucket_with_key(fake, key_file, "b"))
        fake.grant("c", EMAIL, [])
        with pytest.raises(exceptions.Forbidden):
            names(bucket_with_key(fake, key_file, "c"))


def test_a_copy_takes_rights_in_both_buckets(tmp_path: Path) -> None:
    """To read in the one, to create in the other, and not the other way round."""
    with StorageFake(["b", "c"]) as fake:
        fake.plant("b", "a", b"1")
        fake.plant("c", "a", b"2")
        fake.grant("b", EMAIL, ["roles/storage.objectViewer"])
        fake.grant("c", EMAIL, ["roles/storage.objectCreator"])
        key_file = fake.key_file(tmp_path / "key.json", EMAIL)
        old, new = (bucket_with_key(fake, key_file, name) for name in ("b", "c"))
        new.blob("copy").rewrite(old.blob("a"), retry=None)
        assert fake.objects("c")["copy"] == b"1"
        with pytest.raises(exceptions.Forbidden, match=r"storage\.objects\.get"):
            old.blob("copy").rewrite(new.blob("a"), retry=None)
        with pytest.raises(exceptions.Forbidden, match=r"storage\.objects\.delete"):
            new.blob("a").rewrite(old.blob("a"), retry=None)


def test_no_role_of_the_table_says_anything_of_the_bucket_itself(
    fake: StorageFake, key_file: Path
) -> None:
    """Neither of its settings nor of its policy, and none is created."""
    fake.grant("b", EMAIL, list(PERMISSIONS))
    bucket = bucket_with_key(fake, key_file)
    changed = bucket.client.bucket("b")
    changed.labels = {"is": "changed"}
    acts: dict[str, Callable[[], object]] = {
        "get": lambda: bucket.reload(retry=None),
        "update": lambda: changed.patch(retry=None),
        "delete": lambda: bucket.delete(retry=None),
        "getIamPolicy": lambda: bucket.get_iam_policy(retry=None),
        "setIamPolicy": lambda: bucket.set_iam_policy(
            bucket_of(fake).get_iam_policy(retry=None), retry=None
        ),
        "create": lambda: bucket.client.create_bucket("another", retry=None),
    }
    for right, act in acts.items():
        with pytest.raises(exceptions.Forbidden, match=rf"storage\.buckets\.{right} access"):
            act()
    assert fake.bucket_changes == []


def test_a_missing_bucket_is_missing_for_everybody(fake: StorageFake, key_file: Path) -> None:
    """A key does not change that."""
    with pytest.raises(exceptions.NotFound, match="The specified bucket does not exist"):
        names(bucket_with_key(fake, key_file, "other"))


def test_where_tokens_are_required_nothing_goes_without() -> None:
    """The client learns that it needs another token, and has none."""
    with StorageFake(["b"], tokens_required=True) as fake:
        fake.plant("b", "a", b"1")
        for act in NEEDS:
            with pytest.raises(InvalidOperation, match="cannot be refreshed"):  # after a 401
                act(bucket_of(fake))
        assert fake.objects("b") == {"a": b"1"}
        assert {call.status for call in fake.calls} == {401}


def test_metadata_changes_without_the_bytes(fake: StorageFake) -> None:
    """The generation stays, and the change is counted."""
    bucket, generation = bucket_of(fake), fake.plant("b", "a", b"1")
    update(bucket)
    blob = bucket.get_blob("a", retry=None)
    assert (blob.metadata, blob.generation, blob.metageneration) == (
        {"is": "changed"},
        generation,
        2,
    )
    assert blob.download_as_bytes(retry=None) == b"1"
