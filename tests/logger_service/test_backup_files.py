"""Files downloaded from a backup: byte for byte, from any good copy, or not at all."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
import requests

from emulators.storage_faults import Fault, FaultKind
from engine.archives import BucketStore, back_up, write
from logger_service.browsed_backups import LONG, Browsed, address, browsing, local_store
from shared.chunk import CHUNK_SIZE, compress

STRANGE = ["with space.csv", "naïve ₿.csv", 'a"quote".csv', "100%25#x?.csv", "sub folder/a;b.csv"]


@pytest.fixture
def browsed(data: Path, bucket: BucketStore, tmp_path: Path) -> Iterator[Browsed]:
    """One backup in each store, of files of no, one and three chunks, and a rewritten one."""
    local = local_store(tmp_path / "stores")
    write(data, "long.csv", LONG)
    write(data, "empty.csv", b"")
    write(data, "state.json", b'{"a": 1}')
    for name in STRANGE:
        write(data, name, name.encode())
    for store in (local, bucket):
        back_up(data, store.provider)
    with browsing(local, bucket) as browsed:
        yield browsed


@pytest.mark.parametrize("kind", ["local", "gcs"])
@pytest.mark.parametrize("path", ["long.csv", "empty.csv", "state.json"])
def test_a_file_comes_byte_for_byte(browsed: Browsed, kind: str, path: str) -> None:
    """With its length and its type, to be saved."""
    answer = browsed.file(path, kind)
    expected = {"long.csv": LONG, "empty.csv": b"", "state.json": b'{"a": 1}'}[path]
    assert (answer.status_code, answer.content) == (200, expected)
    assert answer.headers["Content-Length"] == str(len(expected))
    assert answer.headers["Content-Disposition"] == f"attachment; filename={path}"
    types = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
    assert answer.headers["Content-Type"] == types[path.rpartition(".")[2]]


@pytest.mark.parametrize("path", STRANGE)
def test_any_name_that_a_file_may_have_leads_to_it(browsed: Browsed, path: str) -> None:
    """And is the name that it is saved under, as RFC 6266 writes it."""
    answer = browsed.file(path)
    assert answer.content == path.encode()
    told = answer.headers["Content-Disposition"]
    saved = unquote(told.partition("filename*=UTF-8''")[2])
    assert saved == path.rpartition("/")[2]
    assert told.isascii()


def test_each_earlier_version_can_be_had(data: Path, browsed: Browsed) -> None:
    """The oldest is the first; its name tells it from the current one."""
    local = browsed.stores["local"]
    for hours_ago, content in ((0.5, b"second\n"), (0.2, b"the third\n")):
        write(data, "with space.csv", content, hours_ago)
        back_up(data, local.provider)
    current = browsed.file("with space.csv", number=3)
    first, second = (
        browsed.get(f"{address('with space.csv', number=3)}?version={one}") for one in (1, 2)
    )
    assert current.content == b"the third\n"
    assert (first.content, second.content) == (b"with space.csv", b"second\n")
    assert ".csv.earlier-" in first.headers["Content-Disposition"]
    assert first.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert len({answer.headers["ETag"] for answer in (current, first, second)}) == 3
    none = browsed.get(f"{address('with space.csv', number=3)}?version=3")
    assert none.status_code == 404
    assert "from 1 to 2" in none.json()["hint"]


def test_a_head_tells_all_but_the_bytes(browsed: Browsed) -> None:
    """Without reading any."""
    browsed.stores["local"].remove(browsed.chunk_of("long.csv", 0, "local"))
    head = requests.head(browsed.url + address("long.csv"), timeout=30)
    assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(LONG)))
    assert head.headers["Accept-Ranges"] == "bytes"


def test_who_has_the_version_gets_nothing_again(browsed: Browsed) -> None:
    """A backup never changes, and neither does its tag; another provider's is the same."""
    tag = browsed.file("long.csv").headers["ETag"]
    again = browsed.get(address("long.csv", "gcs"), **{"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("start", "stop"),
    [(0, 3), (CHUNK_SIZE - 2, CHUNK_SIZE + 2), (2 * CHUNK_SIZE, len(LONG)), (5, len(LONG))],
)
def test_a_download_can_be_resumed(browsed: Browsed, start: int, stop: int) -> None:
    """Within a chunk, and across their ends."""
    answer = browsed.file("long.csv", Range=f"bytes={start}-{stop - 1}")
    assert (answer.status_code, answer.content) == (206, LONG[start:stop])
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(LONG)}"
    assert answer.headers["Content-Length"] == str(stop - start)


def test_a_range_behind_the_end_is_refused(browsed: Browsed) -> None:
    """416, with the size there is."""
    answer = browsed.file("long.csv", Range=f"bytes={len(LONG)}-")
    assert (answer.status_code, answer.headers["Content-Range"]) == (416, f"bytes */{len(LONG)}")


@pytest.mark.parametrize("index", [0, 1, 2])
@pytest.mark.parametrize(("asked", "other"), [("local", "gcs"), ("gcs", "local")])
def test_a_damaged_chunk_comes_from_the_other_provider(
    browsed: Browsed, asked: str, other: str, index: int
) -> None:
    """Nobody sees the difference: other bytes, or none, are never sent."""
    name = browsed.chunk_of("long.csv", index, asked)
    browsed.stores[asked].plant(name, compress(b"other bytes"))
    assert browsed.chunk_of("long.csv", index, other) == name
    assert browsed.file("long.csv", asked).content == LONG


def test_a_chunk_that_the_other_provider_calls_otherwise_is_found(browsed: Browsed) -> None:
    """Its newest backup says what it is called."""
    local, other = browsed.stores["local"], browsed.stores["gcs"]
    name = browsed.chunk_of("long.csv", 1, "local")
    local.remove(name)
    frame = other.objects()[name]
    renamed = name.replace(".zst", ".0a1b2c3d.zst")
    other.plant(renamed, frame)
    other.remove(name)
    manifest = other.objects()["backups/00000001.json"]
    digest = Path(name).stem
    other.plant(
        "backups/00000001.json",
        manifest.replace(f'"{digest}"'.encode(), f'"{digest}.0a1b2c3d"'.encode()),
    )
    assert browsed.file("long.csv").content == LONG


def test_a_first_chunk_that_is_lost_everywhere_is_named(browsed: Browsed) -> None:
    """503, with what each place has of it; nothing has been sent by then."""
    for kind, store in browsed.stores.items():
        name = browsed.chunk_of("long.csv", 0, kind)
        store.plant(name, b"damaged")
    answer = browsed.file("long.csv")
    assert (answer.status_code, answer.headers["Content-Type"]) == (
        503,
        "application/problem+json",
    )
    assert Path(browsed.chunk_of("long.csv", 0, "local")).stem in answer.json()["detail"]
    assert answer.json()["hint"]


def test_a_later_chunk_that_is_lost_breaks_the_connection_off(browsed: Browsed) -> None:
    """The client's library says that it is not all; what came before was good."""
    for kind, store in browsed.stores.items():
        store.remove(browsed.chunk_of("long.csv", 1, kind))
    answer = requests.get(browsed.url + address("long.csv"), stream=True, timeout=30)
    assert answer.status_code == 200
    came: list[bytes] = []
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="Incomplete"):
        came.extend(answer.iter_content(65536))
    assert b"".join(came) == LONG[:CHUNK_SIZE]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/backup/files/s3/1/long.csv", "Expected one of gcs"),
        ("/backup/files/local/9/long.csv", "There are those from 1 to 1"),
        ("/backup/files/local/0/long.csv", "There are those from 1 to 1"),
        (f"/backup/files/local/{'9' * 5000}/long.csv", "There are those from 1 to 1"),
        ("/backup/files/local/%D9%A1/long.csv", "There are those from 1 to 1"),
        ("/backup/files/local/1/other.csv", "lists its files"),
        ("/backup/files/local/1/..%2F..%2Fchunks", "lists its files"),
        ("/backup/files/local/1//etc/passwd", "has the routes"),
        ("/backup/files/local/1/state.json?version=x", "There are none"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(browsed: Browsed, path: str, expected: str) -> None:
    """404; a path is never anything but a name that the backup has."""
    answer = browsed.get(path)
    assert answer.status_code == 404, answer.text
    assert expected in answer.json()["hint"]


def test_a_storage_that_fails_is_told(browsed: Browsed, bucket: BucketStore) -> None:
    """503 with its words, whatever status it said them with."""
    bucket.fake.plan(Fault(FaultKind.STATUS, "media", "backups/", status=403, times=None))
    answer = browsed.file("long.csv", "gcs")
    assert answer.status_code == 503
    assert answer.json()["hint"]


def test_a_damaged_backup_is_told(browsed: Browsed) -> None:
    """503: what it had cannot be known from it."""
    browsed.stores["local"].plant("backups/00000001.json", b"{")
    assert browsed.file("long.csv").status_code == 503
