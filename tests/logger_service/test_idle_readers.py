"""A client that asks and reads nothing does not keep its thread for ever."""

import socket
import sys
from collections.abc import Iterator
from itertools import repeat
from threading import Event, Thread

import pytest
from flask import Blueprint

from programs import PATIENCE_SECONDS
from serving import idle_readers
from serving.streams import Streams
from serving.web_server import create_app, open_server
from shared.settings import LoggerSettings


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
    settings = LoggerSettings.model_construct(host="127.0.0.1", port=0)
    server = open_server(settings, create_app([routes]))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    with socket.create_connection(("127.0.0.1", server.effective_port)) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert ended.wait(PATIENCE_SECONDS)
    server.close()
    server.task_dispatcher.shutdown()
    thread.join()
