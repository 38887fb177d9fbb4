"""The CSV files of the data directory, as a running logger gives them out."""

import os
import socket
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from job_processes import TOKEN, running_logger
from jobs.served_directory import SECRET, ServedDirectory
from programs import wait_until

LARGE = bytes(range(256)) * (4 * 1024 * 1024 // 256) + b"the second chunk\n"


def test_the_list_has_what_is_backed_up_newest_first(logger_folder: Path, tmp_path: Path) -> None:
    """Tables only: no JSON, no links, nothing that is left out, and none of our own notes."""
    for age, name in enumerate(["c.csv", "a.csv", "sub folder/b.csv"]):
        place = tmp_path / name
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(b"x" * age)
        os.utime(place, (1_000_000_000 - age, 1_000_000_000 - age))
    (tmp_path / "link.csv").symlink_to(tmp_path / "a.csv")
    for name in ("state.json", "left-out.csv", ".backup/own.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"{}")
    with running_logger(logger_folder, tmp_path, BACKUP_EXCLUDE="left-*,BTC-USD/*") as logger:
        answer = logger.request("GET", "/csv-list")
        assert answer.json() == {
            "files": [
                {"name": "c.csv", "size_bytes": 0, "modified_at": "2001-09-09T01:46:40.000Z"},
                {"name": "a.csv", "size_bytes": 1, "modified_at": "2001-09-09T01:46:39.000Z"},
                {
                    "name": "sub folder/b.csv",
                    "size_bytes": 2,
                    "modified_at": "2001-09-09T01:46:38.000Z",
                },
            ]
        }
        assert answer.headers["Cache-Control"] == "no-store"
        left_out = logger.request("GET", "/csv/left-out.csv")
        assert left_out.status_code == 404


def test_without_files_the_list_is_empty(logger_folder: Path, tmp_path: Path) -> None:
    """And no error."""
    with running_logger(logger_folder, tmp_path) as logger:
        assert logger.request("GET", "/csv-list").text.strip() == '{"files":[]}'


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_a_file_comes_as_it_lies_there(served: ServedDirectory, coding: str) -> None:
    """All bytes, as CSV, with its time; its size where it is not compressed."""
    answer = served.get("/csv/large.csv", **{"Accept-Encoding": coding})
    assert answer.content == LARGE
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    changed = datetime.fromtimestamp((served.data / "large.csv").stat().st_mtime, UTC)
    assert answer.headers["Last-Modified"] == f"{changed:%a, %d %b %Y %H:%M:%S GMT}"
    assert answer.headers.get("Content-Encoding", "identity") == coding
    size = str(len(LARGE)) if coding == "identity" else None
    assert answer.headers.get("Content-Length") == size


def test_an_empty_file_is_empty(served: ServedDirectory) -> None:
    """And 200."""
    answer = served.get("/csv/empty.csv")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    ("range_", "part", "told"),
    [
        ("bytes=0-3", LARGE[:4], f"bytes 0-3/{len(LARGE)}"),
        ("bytes=1000-", LARGE[1000:], f"bytes 1000-{len(LARGE) - 1}/{len(LARGE)}"),
        ("bytes=-6", LARGE[-6:], f"bytes {len(LARGE) - 6}-{len(LARGE) - 1}/{len(LARGE)}"),
    ],
)
def test_a_download_can_be_resumed(
    served: ServedDirectory, range_: str, part: bytes, told: str
) -> None:
    """206 with just that range, also for a client that would take it compressed."""
    answer = served.get("/csv/large.csv", Range=range_, **{"Accept-Encoding": "gzip"})
    assert (answer.status_code, answer.headers["Content-Range"]) == (206, told)
    assert answer.content == part


@pytest.mark.parametrize("range_", ["lines=0-1", "bytes=5-2", "bytes=0-1,3-4", "nonsense"])
def test_a_range_that_is_none_brings_the_whole(served: ServedDirectory, range_: str) -> None:
    """As HTTP wants it of units and ranges that a server does not know."""
    answer = served.get("/csv/large.csv", Range=range_)
    assert (answer.status_code, answer.content) == (200, LARGE)


def test_a_range_behind_the_end_is_refused(served: ServedDirectory) -> None:
    """416, with the size there is."""
    answer = served.get("/csv/small.csv", Range="bytes=6-")
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == "bytes */6"


@pytest.mark.parametrize(
    ("given", "condition"),
    [("ETag", "If-None-Match"), ("Last-Modified", "If-Modified-Since")],
)
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_who_has_the_file_gets_nothing_again(
    served: ServedDirectory, given: str, condition: str, coding: str
) -> None:
    """304, until the file changes."""
    first = served.get("/csv/small.csv", **{"Accept-Encoding": coding})
    headers = {condition: first.headers[given], "Accept-Encoding": coding}
    again = served.get("/csv/small.csv", **headers)
    assert (again.status_code, again.content) == (304, b"")


def test_a_grown_file_comes_anew(logger_folder: Path, tmp_path: Path) -> None:
    """Its tag is another, and so is its length."""
    place = tmp_path / "grows.csv"
    place.write_bytes(b"1\n")
    with running_logger(logger_folder, tmp_path) as logger:
        first = logger.request("GET", "/csv/grows.csv")
        place.write_bytes(b"1\n2\n")
        tag = first.headers["ETag"]
        second = logger.request("GET", "/csv/grows.csv", headers={"If-None-Match": tag})
    assert (second.status_code, second.content) == (200, b"1\n2\n")


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("none.csv", 404),
        ("notes.txt", 404),
        ("sub%20folder/na%C3%AFve%252e%23%3F.json", 404),
        ("link.csv", 400),
        ("linked/secret.csv", 400),
        ("..%2Fsecret.csv", 400),
        (".backup/own.csv", 400),
        ("a%00.csv", 400),
    ],
)
def test_what_is_not_shown_is_refused_with_a_hint(
    served: ServedDirectory, name: str, status: int
) -> None:
    """Nothing outside of the directory, no link, no note of ours, no other kind of file."""
    answer = served.get(f"/csv/{name}")
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "/csv-list" in answer.json()["hint"]
    assert SECRET not in answer.content


def test_a_parameter_that_is_not_known_is_named(served: ServedDirectory) -> None:
    """Rather than ignored."""
    answer = served.get("/csv-list?name=a")
    assert answer.status_code == 400
    assert "name: no such parameter" in answer.json()["detail"]


def test_a_head_has_no_body_and_leaves_room(served: ServedDirectory) -> None:
    """Any number of them."""
    for _ in range(6):
        answer = served.logger.request("HEAD", "/csv/large.csv", headers={"Accept-Encoding": ""})
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["Content-Length"] == str(len(LARGE))


def test_slow_readers_of_files_hold_no_thread(logger_folder: Path, tmp_path: Path) -> None:
    """Four are served at once, the fifth is told to come again, and the logger stays alive."""
    (tmp_path / "large.csv").write_bytes(b"x" * 64_000_000)
    with running_logger(logger_folder, tmp_path) as logger, ExitStack() as clients:
        port = int(logger.url.rpartition(":")[2])
        for _ in range(4):
            client = clients.enter_context(socket.create_connection(("127.0.0.1", port)))
            client.sendall(b"GET /csv/large.csv HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert client.recv(12) == b"HTTP/1.1 200"
        refused = logger.request("GET", "/csv/large.csv")
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
        assert logger.request("GET", "/health/live").status_code == 200
        clients.close()
        wait_until(lambda: logger.request("GET", "/data.csv").status_code == 200)


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_a_file_that_gets_shorter_is_broken_off(
    logger_folder: Path, tmp_path: Path, coding: str
) -> None:
    """Nobody waits for what is gone, takes what came for all, or holds a place among the four."""
    place = tmp_path / "large.csv"
    content = os.urandom(4_000_000) * 16
    with running_logger(logger_folder, tmp_path) as logger:
        for _ in range(5):
            place.write_bytes(content)
            url, headers = f"{logger.url}/csv/large.csv", {"Accept-Encoding": coding}
            with requests.get(url, headers=headers, stream=True, timeout=30) as answer:
                assert answer.status_code == 200
                os.truncate(place, 1000)
                with pytest.raises(requests.exceptions.ChunkedEncodingError):
                    assert answer.content
        again = logger.request("GET", "/csv/large.csv")
        assert (again.status_code, again.content) == (200, content[:1000])


def test_the_data_is_the_admins_unless_it_is_public(logger_folder: Path, tmp_path: Path) -> None:
    """Even public data is not for a wrong token."""
    settings = {"ADMIN_TOKEN": TOKEN}
    right, wrong = ({"Authorization": f"Bearer {token}"} for token in (TOKEN, "wrong"))
    with running_logger(logger_folder, tmp_path, **settings) as logger:
        for path in ("/csv-list", "/csv/none.csv", "/data.csv", "/prices"):
            assert logger.request("GET", path).status_code == 401
            assert logger.request("GET", path, headers=right).status_code in (200, 404)
    with running_logger(logger_folder, tmp_path, PUBLIC_DATA="true", **settings) as logger:
        for path in ("/csv-list", "/csv/none.csv", "/data.csv", "/prices"):
            assert logger.request("GET", path).status_code in (200, 404)
            assert logger.request("GET", path, headers=wrong).status_code == 401
