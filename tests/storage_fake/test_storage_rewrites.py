from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
import requests
from google.api_core import exceptions
from google.cloud.storage import Bucket

from emulators.storage import StorageFake
from storage_fake.storage_client import bucket_of, put

MIB = 1 << 20
LONG = bytes(range(256)) * 8192 + b"the end"  # two MiB, and a little more
STEP = {"maxBytesRewrittenPerCall": str(MIB)}
FAR = "europe-west1"  # the other buckets are in us-central1


@pytest.fixture
def moments() -> list[datetime]:
    """What the fake's clock shows is the last of them."""
    return [datetime(2026, 11, 30, tzinfo=UTC)]


@pytest.fixture
def fake(moments: list[datetime]) -> Iterator[StorageFake]:
    """A fake with two buckets in one place, and one far away."""
    with StorageFake(["b", "near"], now=lambda: moments[-1]) as running:
        bucket_of(running).client.create_bucket("far", location=FAR, retry=None)
        yield running


@pytest.fixture
def near(fake: StorageFake) -> Bucket:
    """The other bucket in that place."""
    return bucket_of(fake, "near")


@pytest.fixture
def far(fake: StorageFake) -> Bucket:
    """The bucket far away."""
    return bucket_of(fake, "far")


def rewrite(
    fake: StorageFake,
    query: Mapping[str, str],
    target: str = "far",
    body: dict[str, Any] | None = None,
) -> requests.Response:
    """Ask for a copy of `long/name`, to the same name in another bucket."""
    name = quote("long/name", safe="")
    address = f"{fake.url}/storage/v1/b/b/o/{name}/rewriteTo/b/{target}/o/{name}"
    return requests.post(address, params=query, json=body, timeout=5)


def test_a_copy_has_the_bytes_and_all_that_is_told_of_them(bucket: Bucket, near: Bucket) -> None:
    """But neither the generation nor the storage class; what was there before is as it was."""
    original = bucket.blob("a")
    original.metadata, original.cache_control = {"is": "mine"}, "no-store"
    original.storage_class = "COLDLINE"
    original.upload_from_string(b"bytes", content_type="text/csv", retry=None)
    copy = near.blob("folder/b")
    assert copy.rewrite(original, retry=None) == (None, 5, 5)
    assert copy.download_as_bytes(retry=None) == original.download_as_bytes(retry=None) == b"bytes"
    for told in ("size", "md5_hash", "crc32c", "content_type", "metadata", "cache_control"):
        assert getattr(copy, told) == getattr(original, told), told
    assert copy.generation > original.generation
    assert (original.storage_class, copy.storage_class) == ("COLDLINE", "STANDARD")
    assert copy.metageneration == 1


def test_what_a_request_tells_of_the_copy_takes_the_place_of_all_that(
    bucket: Bucket, near: Bucket
) -> None:
    """Its checksums are compared, so that they cannot be told wrong."""
    original = bucket.blob("a")
    original.metadata = {"is": "mine"}
    original.upload_from_string(b"bytes", retry=None)
    copy = near.blob("a")
    copy.content_type = "text/plain"
    copy.rewrite(original, retry=None)
    copy.reload(retry=None)
    assert (copy.content_type, copy.metadata) == ("text/plain", None)
    copy.md5_hash = bucket.blob("b").md5_hash = put(bucket, "b", b"others").md5_hash
    with pytest.raises(exceptions.BadRequest, match="md5Hash"):
        copy.rewrite(original, retry=None)


def test_a_copy_that_stays_in_its_place_is_one_request(fake: StorageFake, bucket: Bucket) -> None:
    """However few bytes may be moved in one: none are."""
    put(bucket, "long/name", LONG)
    told = rewrite(fake, STEP, "near").json()
    assert (told["done"], told["resource"]["size"]) == (True, str(len(LONG)))
    assert fake.objects("near") == {"long/name": LONG}


def test_a_copy_to_another_place_is_several_requests(fake: StorageFake, bucket: Bucket) -> None:
    """All with the token of the first; nothing is there before the last, which can be repeated."""
    put(bucket, "long/name", LONG)
    first = rewrite(fake, STEP).json()
    assert (first["done"], first["totalBytesRewritten"]) == (False, str(MIB))
    assert first["objectSize"] == str(len(LONG))
    again = STEP | {"rewriteToken": first["rewriteToken"]}
    second = rewrite(fake, again).json()
    assert (second["done"], second["totalBytesRewritten"]) == (False, str(2 * MIB))
    assert fake.objects("far") == {}
    last = rewrite(fake, again).json()
    assert (last["done"], last["totalBytesRewritten"]) == (True, str(len(LONG)))
    assert "rewriteToken" not in last
    assert fake.objects("far") == {"long/name": LONG}
    assert rewrite(fake, {"rewriteToken": first["rewriteToken"]}).json() == last
    assert fake.count("rewrite") == 4


def test_the_client_copies_to_another_place_step_by_step(bucket: Bucket, far: Bucket) -> None:
    """It does not say how far to go in one request; a token says that there is more."""
    data = LONG * 5
    original, copy = put(bucket, "a", data), far.blob("a")
    token, moved, size = copy.rewrite(original, retry=None)
    assert token
    assert 0 < moved < size == len(data)
    while token:
        token, moved, size = copy.rewrite(original, token=token, retry=None)
    assert moved == size
    assert copy.download_as_bytes(retry=None) == data


def test_another_storage_class_takes_several_requests_too(
    fake: StorageFake, bucket: Bucket
) -> None:
    """Also within a bucket."""
    put(bucket, "long/name", LONG)
    told = rewrite(fake, STEP, "b", {"storageClass": "NEARLINE"}).json()
    assert told["done"] is False


def test_a_copy_is_made_on_conditions(fake: StorageFake, bucket: Bucket, near: Bucket) -> None:
    """Of what is there before, and of what is copied; those not known are refused."""
    original, there = put(bucket, "a", b"1"), put(near, "a", b"2")
    other, copy, source = original.generation + 100, near.blob("a"), bucket.blob("a")
    for refused in (
        {"if_generation_match": 0},
        {"if_generation_match": other},
        {"if_generation_not_match": there.generation},
        {"if_source_generation_match": other},
        {"if_source_generation_not_match": original.generation},
    ):
        with pytest.raises(exceptions.PreconditionFailed):
            copy.rewrite(source, retry=None, **refused)
    with pytest.raises(exceptions.NotFound):
        copy.rewrite(bucket.blob("a", generation=other), retry=None)
    with pytest.raises(exceptions.NotFound):
        copy.rewrite(bucket.blob("missing"), retry=None)
    for unknown in ("if_metageneration_match", "if_source_metageneration_match"):
        with pytest.raises(exceptions.MethodNotImplemented):
            copy.rewrite(source, retry=None, **{unknown: 1})
    assert fake.objects("near") == {"a": b"2"}
    copy.rewrite(
        original,
        if_generation_match=there.generation,
        if_source_generation_match=original.generation,
        retry=None,
    )
    assert fake.objects("near") == {"a": b"1"}


def test_conditions_hold_until_the_last_request(fake: StorageFake, bucket: Bucket) -> None:
    """A name that is taken meanwhile stays whose it is."""
    put(bucket, "long/name", LONG)
    token = rewrite(fake, {"ifGenerationMatch": "0"} | STEP).json()["rewriteToken"]
    fake.plant("far", "long/name", b"another's")
    assert rewrite(fake, {"rewriteToken": token}).status_code == 412
    assert fake.objects("far") == {"long/name": b"another's"}


def test_no_copy_is_of_two_generations(fake: StorageFake, bucket: Bucket) -> None:
    """One that began with what has been replaced since does not go on."""
    put(bucket, "long/name", LONG)
    token = rewrite(fake, STEP).json()["rewriteToken"]
    put(bucket, "long/name", LONG[::-1])
    assert rewrite(fake, {"rewriteToken": token}).status_code == 404
    assert fake.objects("far") == {}


def test_a_token_is_for_one_copy_and_a_week(
    fake: StorageFake, bucket: Bucket, moments: list[datetime]
) -> None:
    """What a later request says has to be what the first one said."""
    put(bucket, "long/name", LONG)
    token = rewrite(fake, STEP).json()["rewriteToken"]
    assert rewrite(fake, {"rewriteToken": token}, "near").status_code == 400
    assert rewrite(fake, {"rewriteToken": "another"}).status_code == 400
    changed = {"maxBytesRewrittenPerCall": str(2 * MIB), "rewriteToken": token}
    assert rewrite(fake, changed).status_code == 400
    assert rewrite(fake, {"rewriteToken": token}, body={"contentType": "a/b"}).status_code == 400
    moments.append(moments[-1] + timedelta(days=7))
    assert rewrite(fake, {"rewriteToken": token}).status_code == 410
    assert fake.objects("far") == {}


def test_what_is_not_known_of_a_copy_is_refused(fake: StorageFake, bucket: Bucket) -> None:
    """Keys, access lists, and a number of bytes that Google would not take."""
    put(bucket, "long/name", LONG)
    for number in ("0", str(MIB + 1), "many"):
        assert rewrite(fake, {"maxBytesRewrittenPerCall": number}).status_code == 400
    for query in ({"destinationKmsKeyName": "key"}, {"destinationPredefinedAcl": "private"}):
        assert rewrite(fake, query).status_code == 501
    assert rewrite(fake, {}, body={"acl": []}).status_code == 501
    assert fake.objects("far") == {}
