"""Long answers: how many at once, and how a client sees that one was broken off."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import repeat

import pytest
import requests
from flask import Blueprint, Response

from logger_service.served_routes import served
from programs import wait_until
from serving.streams import RETRY_SECONDS, Streams
from serving.web_server import STREAMS

PIECE = b"x" * 65536


def endless() -> Iterator[bytes]:
    """More than any client's patience or any buffer."""
    yield from repeat(PIECE)


def broken() -> Iterator[bytes]:
    """A disk that fails in the middle."""
    yield PIECE
    raise OSError("the disk fails")


def broken_at_once() -> Iterator[bytes]:
    """One that fails before there is anything to send."""
    yield from ()
    raise OSError("the disk fails")


@pytest.fixture
def url() -> Iterator[str]:
    """A server like the logger's, with streams of all kinds."""
    streams, routes = Streams(), Blueprint("test", __name__)
    for kind in (endless, broken, broken_at_once):
        routes.add_url_rule(
            f"/{kind.__name__}",
            kind.__name__,
            lambda kind=kind: streams.answer(kind(), "text/csv"),
        )
    routes.add_url_rule("/short", "short", lambda: streams.answer(iter([b"all\n"]), "text/csv"))
    routes.add_url_rule("/live", "live", lambda: Response("alive"))
    with served(routes) as address:
        yield address


@contextmanager
def slow_readers(url: str, path: str, count: int) -> Iterator[None]:
    """Clients that ask, and take no more than the first bytes."""
    address = url.removeprefix("http://").split(":")
    clients = [socket.create_connection((address[0], int(address[1]))) for _ in range(count)]
    try:
        for client in clients:
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
            assert client.recv(12) == b"HTTP/1.1 200"
        yield
    finally:
        for client in clients:
            client.close()


def get(url: str, path: str, **headers: str) -> requests.Response:
    """An answer, whole."""
    return requests.get(url + path, headers=headers, timeout=30)


def test_one_more_than_the_most_is_told_when_to_ask_again(url: str) -> None:
    """Others are served meanwhile, and the next one as soon as one of them is gone."""
    with slow_readers(url, "/endless", STREAMS):
        refused = get(url, "/short")
        assert refused.status_code == 503
        assert refused.headers["Retry-After"] == str(RETRY_SECONDS)
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert f"ask again in {RETRY_SECONDS} seconds" in refused.json()["detail"]
        assert get(url, "/live").text == "alive"
    wait_until(lambda: get(url, "/short").status_code == 200)


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_a_stream_that_breaks_off_is_no_whole_answer(url: str, coding: str) -> None:
    """The client's library says that the end is missing."""
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        get(url, "/broken", **{"Accept-Encoding": coding})


def test_what_fails_before_the_first_byte_is_an_error(url: str) -> None:
    """With its status, and it counts no longer."""
    for _ in range(STREAMS + 1):
        assert get(url, "/broken_at_once").status_code == 500


def test_whole_answers_and_heads_count_no_longer(url: str) -> None:
    """Any number of them, one after the other."""
    for _ in range(STREAMS + 1):
        assert get(url, "/short").text == "all\n"
        head = requests.head(f"{url}/short", timeout=30)
        assert (head.status_code, head.content) == (200, b"")
        assert "Content-Length" not in head.headers


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [("gzip", "gzip"), ("br, gzip;q=0.5", "gzip"), ("gzip;q=0", None), ("identity", None)],
)
def test_what_is_sent_is_compressed_where_that_is_accepted(
    url: str, accepted: str, coding: str | None
) -> None:
    """And the client gets the same."""
    answer = get(url, "/short", **{"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding") == coding
    assert answer.text == "all\n"
