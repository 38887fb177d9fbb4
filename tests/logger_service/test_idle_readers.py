"""A client that asks and reads nothing does not keep its thread for ever."""

import socket
import sys
from collections.abc import Iterator
from itertools import repeat
from threading import Event

import pytest
from flask import Blueprint

from logger_service.served_routes import served
from programs import PATIENCE_SECONDS
from serving import idle_readers
from serving.streams import Streams


@pytest.mark.skipif(sys.platform != "linux", reason="the option is Linux's")
def test_who_takes_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its answer ends, though the connection stands."""
    monkeypatch.setattr(idle_readers, "SECONDS", 1)
    ended = Event()

    def endless() -> Iterator[bytes]:
        try:
            yield from repeat(b"x" * 65536)
        finally:
            ended.set()

    streams, routes = Streams(), Blueprint("test", __name__)
    routes.add_url_rule("/", "endless", lambda: streams.answer(endless(), "text/csv"))
    with served(routes) as url:
        port = int(url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert ended.wait(PATIENCE_SECONDS)
