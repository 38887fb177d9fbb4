from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from google.api_core import exceptions
from google.cloud.storage import Bucket

from emulators.storage import StorageFake
from storage_fake.storage_client import bucket_of, names, put

START = datetime(2026, 11, 30, tzinfo=UTC)


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        """What it shows."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Of the fake."""
    return Clock()


@pytest.fixture
def kept(clock: Clock) -> Iterator[Bucket]:
    """A bucket that keeps for seven days what is deleted, as Google's do unless told not to."""
    with StorageFake(now=clock) as fake:
        client = bucket_of(fake).client
        yield client.create_bucket("kept", location="us", retry=None)


def soft_deleted(bucket: Bucket) -> list[tuple[str, int]]:
    """What could be restored: names and generations."""
    found = bucket.list_blobs(soft_deleted=True, retry=None)
    return [(blob.name, blob.generation) for blob in found]


def test_what_is_deleted_or_replaced_is_kept_for_days(kept: Bucket, clock: Clock) -> None:
    """Each generation by itself; the live ones are listed without them."""
    first = put(kept, "a", b"1").generation
    second = put(kept, "a", b"2").generation
    kept.delete_blob("a", retry=None)
    assert names(kept) == []
    assert soft_deleted(kept) == [("a", first), ("a", second)]
    told = kept.get_blob("a", generation=first, soft_deleted=True, retry=None)
    assert (told.soft_delete_time, told.hard_delete_time) == (START, START + timedelta(days=7))
    clock.now += timedelta(days=7)
    assert soft_deleted(kept) == []
    with pytest.raises(exceptions.NotFound):
        kept.restore_blob("a", generation=first, retry=None)


def test_a_restored_object_is_live_again(kept: Bucket) -> None:
    """Under a new generation, in the place of what is live, unless none may be there."""
    first = put(kept, "a", b"1").generation
    kept.delete_blob("a", retry=None)
    put(kept, "a", b"2")
    with pytest.raises(exceptions.PreconditionFailed):
        kept.restore_blob("a", generation=first, if_generation_match=0, retry=None)
    restored = kept.restore_blob("a", generation=first, retry=None)
    assert restored.generation > first
    assert kept.blob("a").download_as_bytes(retry=None) == b"1"


def test_deleted_objects_are_listed_in_pages_and_parts(kept: Bucket) -> None:
    """Also where the generations of one name are on two pages; a prefix is told once."""
    for name in ("a", "b/1", "b/2"):
        for data in (b"1", b"2"):
            put(kept, name, data)
        kept.delete_blob(name, retry=None)
    whole = soft_deleted(kept)
    assert [name for name, _ in whole] == ["a", "a", "b/1", "b/1", "b/2", "b/2"]
    for size in (1, 2, 5):
        pages = kept.list_blobs(soft_deleted=True, page_size=size, retry=None).pages
        told = [[(blob.name, blob.generation) for blob in page] for page in pages]
        assert [len(page) for page in told[:-1]] == [size] * (len(told) - 1)
        assert [entry for page in told for entry in page] == whole
    assert names(kept, soft_deleted=True, start_offset="b/1", end_offset="b/2") == ["b/1", "b/1"]
    assert names(kept, soft_deleted=True, prefix="b/2") == ["b/2", "b/2"]
    folders = kept.list_blobs(soft_deleted=True, delimiter="/", page_size=1, retry=None)
    assert [[blob.name for blob in page] for page in folders.pages] == [["a"], ["a"], []]
    assert folders.prefixes == {"b/"}


def test_a_bucket_can_keep_nothing(kept: Bucket) -> None:
    """Once that is set; what went before stays as long as was said then."""
    first = put(kept, "a", b"1").generation
    put(kept, "a", b"2")
    kept.soft_delete_policy.retention_duration_seconds = 0
    kept.patch(retry=None)
    put(kept, "a", b"3")
    assert soft_deleted(kept) == [("a", first)]


def test_a_retention_has_its_limits(kept: Bucket) -> None:
    """Seven to ninety days, or none."""
    for days in (6, 91):
        kept.soft_delete_policy.retention_duration_seconds = days * 24 * 3600
        with pytest.raises(exceptions.BadRequest, match="Soft delete retention"):
            kept.patch(retry=None)


def test_what_is_not_known_of_a_bucket_is_refused(kept: Bucket) -> None:
    """Settings, conditions, members and conditions of a policy, and another location."""
    kept.versioning_enabled = True
    with pytest.raises(exceptions.MethodNotImplemented, match="versioning"):
        kept.patch(retry=None)
    with pytest.raises(exceptions.MethodNotImplemented, match="ifMetagenerationMatch"):
        kept.reload(if_metageneration_match=1, retry=None)
    policy = kept.get_iam_policy(requested_policy_version=3, retry=None)
    policy.bindings.append({"role": "roles/storage.objectViewer", "members": {"allUsers"}})
    with pytest.raises(exceptions.MethodNotImplemented, match="allUsers"):
        kept.set_iam_policy(policy, retry=None)
    policy.bindings[-1] = {"role": "roles/run.invoker", "members": {"user:a@b"}}
    with pytest.raises(exceptions.BadRequest, match=r"roles/run\.invoker"):
        kept.set_iam_policy(policy, retry=None)


def let_view(bucket: Bucket, email: str) -> None:
    """Give a service account a role."""
    policy = bucket.get_iam_policy(requested_policy_version=3, retry=None)
    member = {f"serviceAccount:{email}"}
    policy.bindings.append({"role": "roles/storage.objectViewer", "members": member})
    bucket.set_iam_policy(policy, retry=None)


def test_an_account_that_does_not_exist_gets_no_role() -> None:
    """As Google says of one that was made a moment ago."""
    with StorageFake(["b"], knows_account=lambda email: email == "old@p1") as fake:
        let_view(bucket_of(fake), "old@p1")
        with pytest.raises(exceptions.BadRequest, match="new@p1 does not exist"):
            let_view(bucket_of(fake), "new@p1")
        assert fake.bucket("b").policy.roles_of("serviceAccount:old@p1")
        assert not fake.bucket("b").policy.roles_of("serviceAccount:new@p1")


def test_a_bucket_of_another_project_is_out_of_reach() -> None:
    """Whatever is asked of it, also without a token."""
    with StorageFake(taken=["theirs"]) as fake:
        bucket = bucket_of(fake, "theirs")
        with pytest.raises(exceptions.Conflict, match="not available"):
            bucket.create(retry=None)
        for act in (bucket.reload, bucket.delete, bucket.get_iam_policy):
            with pytest.raises(exceptions.Forbidden, match=r"storage\.buckets\."):
                act(retry=None)
        with pytest.raises(exceptions.Forbidden, match=r"storage\.objects\.list"):
            names(bucket)
        assert fake.bucket_changes == []
