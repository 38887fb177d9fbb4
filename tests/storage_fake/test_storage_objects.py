import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from google.api_core import exceptions
from google.cloud.storage import Bucket

from emulators.storage import StorageFake
from storage_fake.storage_client import bucket_of, names, put


def test_an_object_comes_back_as_it_was_stored(fake: StorageFake, bucket: Bucket) -> None:
    """Bytes, content type, own metadata and checksums survive."""
    blob = bucket.blob("chunks/ä b%2F?.bin")
    blob.metadata = {"id": "7"}
    blob.upload_from_string(b"\r\n--data\r", content_type="application/gzip", retry=None)

    again = bucket.get_blob("chunks/ä b%2F?.bin", retry=None)

    assert again.download_as_bytes(retry=None) == b"\r\n--data\r"
    assert (again.size, again.content_type, again.metadata) == (9, "application/gzip", {"id": "7"})
    assert again.generation == blob.generation
    assert fake.objects("b") == {"chunks/ä b%2F?.bin": b"\r\n--data\r"}


def test_an_unknown_bucket_is_missing(fake: StorageFake) -> None:
    """No bucket appears by being written to."""
    with pytest.raises(exceptions.NotFound, match="The specified bucket does not exist"):
        put(bucket_of(fake, "other"), "a", b"1")


def test_a_bucket_can_be_created_once(fake: StorageFake) -> None:
    """A second creation conflicts, and the bucket can be read."""
    client = bucket_of(fake).client
    client.create_bucket("new", retry=None)
    assert client.get_bucket("new", retry=None).name == "new"
    with pytest.raises(exceptions.Conflict):
        client.create_bucket("new", retry=None)


def test_create_only_never_overwrites(fake: StorageFake, bucket: Bucket) -> None:
    """With generation 0 demanded, the second insert is refused and the first stays."""
    put(bucket, "a", b"first", if_generation_match=0)
    with pytest.raises(exceptions.PreconditionFailed) as refused:
        put(bucket, "a", b"second", if_generation_match=0)
    assert json.loads(refused.value.response.text)["error"]["errors"][0]["reason"] == (
        "conditionNotMet"
    )
    assert fake.objects("b") == {"a": b"first"}


def test_every_generation_is_higher_than_the_last(fake: StorageFake, bucket: Bucket) -> None:
    """Also for a name that was deleted in between."""
    first = put(bucket, "a", b"1").generation
    bucket.delete_blob("a", retry=None)
    second = put(bucket, "a", b"2").generation
    assert first < second < fake.plant("b", "a", b"3")


def test_delete_spares_another_generation(fake: StorageFake, bucket: Bucket) -> None:
    """Only the generation that was named goes."""
    blob = put(bucket, "a", b"1")
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.delete_blob("a", if_generation_match=blob.generation - 1, retry=None)
    assert fake.objects("b") == {"a": b"1"}
    bucket.delete_blob("a", if_generation_match=blob.generation, retry=None)
    assert fake.objects("b") == {}


def test_what_is_missing_cannot_be_read_or_deleted(bucket: Bucket) -> None:
    """It is not found, whatever is demanded of it."""
    with pytest.raises(exceptions.NotFound):
        bucket.blob("a").download_as_bytes(retry=None)
    with pytest.raises(exceptions.NotFound):
        bucket.delete_blob("a", if_generation_match=5, retry=None)
    assert bucket.get_blob("a", retry=None) is None


def test_reads_heed_their_conditions(fake: StorageFake, bucket: Bucket) -> None:
    """An older generation is gone, another one refused, and the same one not modified."""
    old, new = fake.plant("b", "a", b"1"), fake.plant("b", "a", b"2")
    with pytest.raises(exceptions.NotFound):
        bucket.blob("a", generation=old).download_as_bytes(retry=None)
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.blob("a").download_as_bytes(if_generation_match=old, retry=None)
    with pytest.raises(exceptions.NotModified):
        bucket.blob("a").download_as_bytes(if_generation_not_match=new, retry=None)
    with pytest.raises(exceptions.NotModified):
        bucket.get_blob("a", if_generation_not_match=new, retry=None)


def test_an_unknown_condition_is_refused(bucket: Bucket) -> None:
    """What the fake does not know it does not ignore."""
    with pytest.raises(exceptions.MethodNotImplemented, match="ifMetagenerationMatch"):
        put(bucket, "a", b"1", if_metageneration_match=1)


def test_of_many_creators_exactly_one_wins(fake: StorageFake) -> None:
    """Condition and insert are one step, and the winner's bytes stay."""
    count = 16
    ready = threading.Barrier(count)

    def create(number: int) -> bytes | None:
        data = b"%d" % number
        bucket = bucket_of(fake)
        ready.wait(timeout=10)
        try:
            put(bucket, "a", data, if_generation_match=0)
        except exceptions.PreconditionFailed:
            return None
        return data

    with ThreadPoolExecutor(count) as threads:
        winners = [data for data in threads.map(create, range(count)) if data is not None]
    assert len(winners) == 1
    assert fake.objects("b") == {"a": winners[0]}
    assert sorted(call.status for call in fake.calls) == [200, *[412] * (count - 1)]


def test_a_lacking_right_is_told_as_google_does() -> None:
    """Who may create but not delete may not replace either."""
    with StorageFake(buckets=["b"], forbidden={"delete"}) as fake:
        bucket = bucket_of(fake)
        put(bucket, "a", b"1")
        denied = r"Permission 'storage\.objects\.delete' denied on resource"
        with pytest.raises(exceptions.Forbidden, match=denied):
            bucket.delete_blob("a", retry=None)
        with pytest.raises(exceptions.Forbidden, match=denied):
            put(bucket, "a", b"2")
        with pytest.raises(exceptions.PreconditionFailed):
            put(bucket, "a", b"2", if_generation_match=0)
        assert fake.objects("b") == {"a": b"1"}


def test_each_right_can_be_lacking() -> None:
    """A name that is no right is an error of the test."""
    with StorageFake(buckets=["b"], forbidden={"create", "get", "list"}) as fake:
        bucket = bucket_of(fake)
        fake.plant("b", "a", b"1")
        with pytest.raises(exceptions.Forbidden, match=r"storage\.objects\.create"):
            put(bucket, "b", b"1")
        with pytest.raises(exceptions.Forbidden, match=r"storage\.objects\.get"):
            bucket.blob("a").download_as_bytes(retry=None)
        with pytest.raises(exceptions.Forbidden, match=r"storage\.objects\.list"):
            names(bucket)
    with pytest.raises(ValueError, match="lsit"):
        StorageFake(forbidden={"lsit"})
