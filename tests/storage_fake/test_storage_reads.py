import os

import pytest
import requests
from google.api_core import exceptions
from google.cloud.storage import Bucket

from emulators.storage import StorageFake
from storage_fake.storage_client import names

KIB = 1024


def test_a_listing_comes_in_pages_with_opaque_tokens(fake: StorageFake, bucket: Bucket) -> None:
    """Pages are full but the last, nothing is told twice, and a made-up token is refused."""
    for number in range(7):
        fake.plant("b", f"n/{number}", b"")
    pages = [[blob.name for blob in page] for page in bucket.list_blobs(page_size=3).pages]
    assert pages == [["n/0", "n/1", "n/2"], ["n/3", "n/4", "n/5"], ["n/6"]]
    assert fake.count("list") == 3
    with pytest.raises(exceptions.BadRequest):
        names(bucket, page_token="n/2")


def test_a_page_holds_a_thousand_names_at_most(fake: StorageFake, bucket: Bucket) -> None:
    """Whatever size is asked for."""
    for number in range(1001):
        fake.plant("b", f"{number:04}", b"")
    assert len(names(bucket, page_size=5000)) == 1001
    assert fake.count("list") == 2


def test_a_listing_takes_prefix_and_offsets(fake: StorageFake, bucket: Bucket) -> None:
    """The start is included and the end is not; the order is that of the UTF-8 bytes."""
    for name in ["a/1", "a/2", "a/3", "a/\ufffd", "a/\U0001f600", "b/1"]:
        fake.plant("b", name, b"")
    assert names(bucket, prefix="a/") == ["a/1", "a/2", "a/3", "a/\ufffd", "a/\U0001f600"]
    assert names(bucket, start_offset="a/2", end_offset="a/3") == ["a/2"]


def test_a_delimiter_folds_names_even_across_pages(fake: StorageFake, bucket: Bucket) -> None:
    """Each prefix is told once."""
    for name in ["a", "d/", "d/1", "d/2", "e/1", "f"]:
        fake.plant("b", name, b"")
    listing = bucket.list_blobs(delimiter="/", page_size=2)
    assert [blob.name for blob in listing] == ["a", "f"]
    assert listing.prefixes == {"d/", "e/"}
    assert fake.count("list") == 2


def test_ranges_give_parts(fake: StorageFake, bucket: Bucket) -> None:
    """Both ends are included, the end may lie past the object's, and a suffix counts back."""
    fake.plant("b", "a", b"0123456789")
    blob = bucket.blob("a")
    assert blob.download_as_bytes(start=2, end=4, retry=None) == b"234"
    assert blob.download_as_bytes(start=8, end=99, retry=None) == b"89"
    assert blob.download_as_bytes(start=-3, retry=None) == b"789"


def test_a_range_past_the_end_is_refused(fake: StorageFake, bucket: Bucket) -> None:
    """It is a 416, which tells the size."""
    fake.plant("b", "a", b"0123")
    with pytest.raises(exceptions.RequestRangeNotSatisfiable) as refused:
        bucket.blob("a").download_as_bytes(start=4, retry=None)
    assert refused.value.response.headers["Content-Range"] == "bytes */4"


def test_an_object_is_read_in_chunks(fake: StorageFake, bucket: Bucket) -> None:
    """Also an empty one, for which no range is right."""
    data = os.urandom(600 * KIB)
    fake.plant("b", "a", data)
    fake.plant("b", "empty", b"")
    assert bucket.blob("a", chunk_size=256 * KIB).download_as_bytes(retry=None) == data
    assert bucket.blob("empty", chunk_size=256 * KIB).download_as_bytes(retry=None) == b""
    assert [call.status for call in fake.calls] == [206, 206, 206, 416]


def test_a_download_tells_checksums_and_generation(fake: StorageFake) -> None:
    """As headers; the digests are those of known answers."""
    generation = fake.plant("b", "a", b"123456789")
    answer = requests.get(f"{fake.url}/storage/v1/b/b/o/a?alt=media", timeout=5)
    assert answer.headers["x-goog-hash"] == "crc32c=4waSgw==,md5=JfnnlDI7RTiF9RgfG2JNCw=="
    assert answer.headers["x-goog-generation"] == str(generation)
    assert answer.headers["x-goog-metageneration"] == "1"
    assert answer.headers["x-goog-stored-content-length"] == "9"
    assert answer.headers["ETag"]
