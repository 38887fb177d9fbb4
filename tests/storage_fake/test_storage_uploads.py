import os
import socket
from io import BytesIO
from typing import Any

import pytest
import requests
from google.api_core import exceptions
from google.cloud.storage import Bucket

from emulators.storage import StorageFake
from storage_fake.storage_client import put, upload_url

KIB = 1024


def test_a_resumable_create_only_upload_is_refused_at_its_start(
    fake: StorageFake, bucket: Bucket
) -> None:
    """Before any of its bytes travel."""
    fake.plant("b", "a", b"first")
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.blob("a").upload_from_file(BytesIO(b"second"), if_generation_match=0, retry=None)
    assert [(call.verb, call.status) for call in fake.calls] == [("start", 412)]
    assert fake.objects("b") == {"a": b"first"}


def test_a_resumable_upload_is_refused_when_the_name_was_taken_meanwhile(
    fake: StorageFake,
) -> None:
    """The condition is checked again when the last chunk has come."""
    query = {"uploadType": "resumable", "name": "a", "ifGenerationMatch": "0"}
    started = requests.post(upload_url(fake), params=query, timeout=5)
    fake.plant("b", "a", b"first")
    assert requests.put(started.headers["Location"], data=b"2", timeout=5).status_code == 412
    assert fake.objects("b") == {"a": b"first"}


def test_a_corrupted_upload_is_refused(
    fake: StorageFake, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A byte that flips between the client's checksum and the fake is a 400."""
    send = requests.Session.request

    def flip(session: requests.Session, method: str, url: str, **options: Any) -> Any:
        options["data"] = options["data"].replace(b"payload", b"pay1oad")
        return send(session, method, url, **options)

    monkeypatch.setattr(requests.Session, "request", flip)
    for checksum in ("crc32c", "md5"):
        with pytest.raises(exceptions.BadRequest, match="doesn't match calculated"):
            put(bucket, "a", b"payload", checksum=checksum)
    assert fake.objects("b") == {}


def test_a_wrong_hash_header_is_refused(fake: StorageFake) -> None:
    """Also where no metadata came."""
    query = {"uploadType": "media", "name": "a"}
    headers = {"x-goog-hash": "crc32c=AAAAAA=="}
    answer = requests.post(upload_url(fake), b"1", params=query, headers=headers, timeout=5)
    assert answer.status_code == 400
    assert fake.objects("b") == {}


@pytest.mark.parametrize("size", [0, 1, 256 * KIB, 1000 * KIB])
def test_a_large_upload_comes_in_chunks(fake: StorageFake, bucket: Bucket, size: int) -> None:
    """The chunks make up the object, which appears with the last of them."""
    data = os.urandom(size)
    with bucket.blob("a", chunk_size=256 * KIB).open("wb", retry=None) as file:
        file.write(data)
    assert fake.objects("b") == {"a": data}
    assert fake.count("chunk") == size // (256 * KIB) + 1


def test_a_resumable_upload_is_started_once_and_sent_in_parts(
    fake: StorageFake, bucket: Bucket
) -> None:
    """The client takes this way when it does not know the size, or it is above 8 MiB."""
    data = os.urandom(1000 * KIB)
    bucket.blob("a", chunk_size=256 * KIB).upload_from_file(BytesIO(data), retry=None)
    assert fake.objects("b") == {"a": data}
    assert [(call.verb, call.status) for call in fake.calls] == [
        ("start", 200),
        *[("chunk", 308)] * 3,
        ("chunk", 200),
    ]


def test_an_upload_session_tells_how_far_it_is(fake: StorageFake) -> None:
    """A chunk may come twice, none may be left out, and the end can be asked for."""
    query = {"uploadType": "resumable", "name": "a"}
    url = f"{fake.url}/resumable/upload/storage/v1/b/b/o"
    session = requests.post(url, params=query, timeout=5).headers["Location"]
    first, last, asked = (
        f"bytes 0-{256 * KIB - 1}/*",
        f"bytes {256 * KIB}-{256 * KIB}/{256 * KIB + 1}",
        "bytes */*",
    )

    def send(content_range: str, data: bytes = b"") -> requests.Response:
        headers = {"Content-Range": content_range}
        return requests.put(session, data, headers=headers, timeout=5, allow_redirects=False)

    assert (send(asked).status_code, send(last, b"z").status_code) == (308, 400)
    assert "Range" not in send(asked).headers
    for _ in range(2):
        assert send(first, bytes(256 * KIB)).headers["Range"] == f"bytes=0-{256 * KIB - 1}"
    assert send(f"bytes {256 * KIB}-{256 * KIB}/*", b"z").status_code == 400
    assert fake.objects("b") == {}
    assert [send(last, b"z").status_code, send(asked).status_code] == [200, 200]
    assert fake.objects("b") == {"a": bytes(256 * KIB) + b"z"}


def test_a_corrupted_resumable_upload_is_refused(fake: StorageFake) -> None:
    """The checksum that comes with the last chunk counts."""
    query = {"uploadType": "resumable", "name": "a"}
    session = requests.post(upload_url(fake), params=query, timeout=5).headers["Location"]
    headers = {"x-goog-hash": "crc32c=AAAAAA=="}
    assert requests.put(session, b"1", headers=headers, timeout=5).status_code == 400
    assert fake.objects("b") == {}


@pytest.mark.parametrize("quote", ["", "'", '"'])
@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_multipart_bodies_come_in_every_dialect(
    fake: StorageFake, quote: str, newline: bytes
) -> None:
    """As gcloud, which quotes boundaries and ends lines with a bare LF; data keeps its own."""
    data = b"\r\ndata\r"
    lines = [b"--==x==", b"", b'{"name":"a"}', b"--==x==", b"Content-Type: t/x", b"", data]
    answer = requests.post(
        upload_url(fake),
        newline.join([*lines, b"--==x==--"]),
        params={"uploadType": "multipart"},
        headers={"Content-Type": f"multipart/related; boundary={quote}==x=={quote}"},
        timeout=5,
    )
    assert answer.json()["contentType"] == "t/x"
    assert fake.objects("b") == {"a": data}


def test_half_an_upload_has_no_effect(fake: StorageFake) -> None:
    """A client that goes away in the middle leaves nothing behind."""
    head = b"POST /upload/storage/v1/b/b/o?uploadType=media&name=a HTTP/1.1\r\nHost: x\r\n"
    port = int(fake.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(head + b"Content-Length: 10\r\n\r\n12345")
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""
    assert (fake.objects("b"), fake.calls) == ({}, [])
