"""An HTTP target of a scheduler, which answers as it is told to, and keeps what it was sent."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from typing import Any, Self

PATIENCE_SECONDS = 30  # for what takes a moment; a test that waits so long has failed


@dataclass(frozen=True)
class Sent:
    """A request that came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Target(ThreadingHTTPServer):
    """A running target; `url` is its address, `status` what it answers once `statuses` are used."""

    daemon_threads = False  # closing it waits for what it still answers

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/"
        self.status = 200
        self.statuses: list[int] = []
        self.requests: list[Sent] = []
        self._changed = Condition()
        self._held = ""  # the path that is not answered
        self._serving = Thread(target=self.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._serving.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._serving.join()
        self.server_close()

    @contextmanager
    def holding(self, path: str = "/") -> Iterator[None]:
        """Answer no request to a path before the end of the context."""
        self._hold(path)
        try:
            yield
        finally:
            self._hold("")

    def wait_for(self, count: int, path: str = "/") -> None:
        """Return once so many requests to a path have come."""
        with self._changed:
            came = self._changed.wait_for(
                lambda: sum(sent.path == path for sent in self.requests) >= count, PATIENCE_SECONDS
            )
        assert came, f"not {count} requests to {path}: {self.requests}"

    def take(self, sent: Sent) -> int:
        """Keep a request; the status to answer, once it may be answered."""
        with self._changed:
            self.requests.append(sent)
            status = self.statuses.pop(0) if self.statuses else self.status
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._held != sent.path)
        return status

    def _hold(self, path: str) -> None:
        with self._changed:
            self._held = path
            self._changed.notify_all()


class _Handler(BaseHTTPRequestHandler):
    server: Target

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.server.take(Sent(self.command, self.path, dict(self.headers), body))
        with suppress(ConnectionError):  # who asked may have given it up
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b'{"result": "created"}')

    do_PUT = do_POST  # noqa: N815 - the base looks for it

    def log_message(self, *_: Any) -> None:
        """The test shows what failed."""
