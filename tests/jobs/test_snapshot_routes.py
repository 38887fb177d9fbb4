"""What the logger shows of its data directory: the listing, and the bytes that it announced."""

import gzip
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import pytest
import requests
import zstandard

from job_processes import running_logger
from jobs.served_directory import BEARER, CHUNK, ServedDirectory

OPENERS: dict[str | None, Callable[[bytes], bytes]] = {
    "zstd": zstandard.decompress,
    "gzip": gzip.decompress,
    None: bytes,
}


def test_a_snapshot_says_what_is_there(served: ServedDirectory) -> None:
    """Every field of the format; digests of 4 MiB pieces; only files that are selected."""
    snapshot = served.get("/snapshot").json()
    assert {name: snapshot[name] for name in ("format", "service", "archive", "chunk_size")} == {
        "format": 1,
        "service": "btc-logger",
        "archive": "gs://bucket/btc-logger",
        "chunk_size": CHUNK,
    }
    assert snapshot["instance"]
    assert snapshot["taken_at"].endswith("Z")
    files = {file["path"]: file for file in snapshot["files"]}
    assert set(files) == {"small.csv", "empty.csv", "large.csv", "sub folder/naïve%2e#?.json"}
    for path, file in files.items():
        content = (served.data / path).read_bytes()
        pieces = [content[at : at + CHUNK] for at in range(0, len(content), CHUNK)]
        assert file["size"] == len(content)
        assert file["mtime_ns"] == (served.data / path).stat().st_mtime_ns
        assert file["chunks"] == [sha256(piece).hexdigest() for piece in pieces]


def test_without_a_bucket_no_archive_is_named(logger_folder: Path, tmp_path: Path) -> None:
    """The field is there, and null; the service's name is the configured one."""
    with running_logger(logger_folder, tmp_path, SERVICE_NAME="other") as logger:
        snapshot = logger.request("GET", "/snapshot", headers=BEARER).json()
    assert (snapshot["archive"], snapshot["service"], snapshot["files"]) == (None, "other", [])


def test_a_snapshot_that_has_not_changed_is_not_sent_again(
    logger_folder: Path, tmp_path: Path
) -> None:
    """304 for the same files, in any coding; 200 with another tag once one has grown."""
    (tmp_path / "small.csv").write_bytes(b"small\n")
    with running_logger(logger_folder, tmp_path) as logger:
        known = logger.request("GET", "/snapshot", headers=BEARER).headers["ETag"]
        conditional = BEARER | {"If-None-Match": known}
        for coding in ("identity", "gzip", "zstd"):
            same = logger.request(
                "GET", "/snapshot", headers=conditional | {"Accept-Encoding": coding}
            )
            assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", known)
        with (tmp_path / "small.csv").open("ab") as file:
            file.write(b"more\n")
        other = logger.request("GET", "/snapshot", headers=conditional)
        assert (other.status_code, other.json()["files"][0]["size"]) == (200, 11)
        assert other.headers["ETag"] != known


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("zstd", "zstd"),
        ("gzip", "gzip"),
        ("gzip, deflate, zstd", "zstd"),
        ("gzip;q=1, zstd;q=0.5", "gzip"),
        ("gzip, zstd;q=0", "gzip"),
        ("identity", None),
        ("br", None),
        (None, None),
    ],
)
def test_a_snapshot_is_compressed_as_the_client_accepts_it(
    served: ServedDirectory, accepted: str | None, coding: str | None
) -> None:
    """Unpacked it is the same listing, and caches are told what it depends on."""
    with requests.get(
        served.logger.url + "/snapshot",
        headers=BEARER | {"Accept-Encoding": accepted},
        stream=True,
        timeout=10,
    ) as answer:
        body = answer.raw.read(decode_content=False)
    assert answer.headers.get("Content-Encoding") == coding
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert b'"small.csv"' in OPENERS[coding](body)


@pytest.mark.parametrize(
    ("path", "offset", "length"),
    [
        ("small.csv", 0, 6),
        ("small.csv", 2, 3),
        ("small.csv", 5, 1),
        ("sub folder/naïve%2e#?.json", 0, 8),
        ("large.csv", 0, CHUNK),
        ("large.csv", CHUNK, 17),
        ("large.csv", CHUNK - 5, 10),
    ],
)
def test_bytes_are_given_exactly(
    served: ServedDirectory, path: str, offset: int, length: int
) -> None:
    """One zstd frame that declares its size and holds just what was asked for."""
    served.get("/snapshot")
    address = f"/snapshot/files/{quote(path)}?offset={offset}&length={length}"
    answer = served.get(address)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/zstd")
    assert zstandard.get_frame_parameters(answer.content).content_size == length
    whole = zstandard.ZstdDecompressor().decompress(answer.content, allow_extra_data=False)
    assert whole == (served.data / path).read_bytes()[offset : offset + length]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "offset=0",
        "length=6",
        "offset=&length=6",
        "offset=0&length=0",
        "offset=-1&length=6",
        "offset=0&length=-6",
        "offset=0&length=6.0",
        "offset=0&length=six",
        "offset=0&length=٦",
        f"offset=0&length={CHUNK + 1}",
        f"offset=0&length={'9' * 5000}",
    ],
)
def test_a_range_that_no_file_has_is_a_bad_request(served: ServedDirectory, query: str) -> None:
    """400 with a reason, and never an error of ours."""
    served.get("/snapshot")
    answer = served.get(f"/snapshot/files/small.csv?{query}")
    assert answer.status_code == 400, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"]


@pytest.mark.parametrize(("offset", "length"), [(0, 7), (6, 1), (7, 1), (10**18, 1)])
def test_bytes_past_the_end_are_a_conflict(
    served: ServedDirectory, offset: int, length: int
) -> None:
    """409: the file was longer in the snapshot that the client goes by."""
    served.get("/snapshot")
    answer = served.get(f"/snapshot/files/small.csv?offset={offset}&length={length}")
    assert answer.status_code == 409, answer.text
    assert "small.csv has 6 bytes" in answer.json()["detail"]


def test_the_bytes_of_four_snapshots_before_are_given_by_their_digest(
    logger_folder: Path, tmp_path: Path
) -> None:
    """Other clients' snapshots take nothing away from the first's; older bytes are gone."""
    place = tmp_path / "state.json"
    contents = [b"[%d]" % number for number in range(6)]
    with running_logger(logger_folder, tmp_path) as logger:
        for content in contents:
            place.write_bytes(content)
            logger.request("GET", "/snapshot", headers=BEARER)
        address = "/snapshot/files/state.json?offset=0&length=3&chunk="
        asked = [
            logger.request("GET", address + chunk, headers=BEARER) for chunk in _digests(contents)
        ]
        given = [zstandard.decompress(answer.content) for answer in asked]
        assert given == [b"[5]", *contents[1:]]


def _digests(contents: list[bytes]) -> list[str]:
    return [sha256(content).hexdigest() for content in contents]


def test_more_than_a_chunk_is_not_given_at_once(served: ServedDirectory) -> None:
    """Even where the file has more."""
    served.get("/snapshot")
    answer = served.get(f"/snapshot/files/large.csv?offset=0&length={CHUNK + 1}")
    assert answer.status_code == 400
