"""A strict fake of Google Cloud Storage: its JSON API over loopback, objects in memory.

The real client and gcloud talk to it; what it does not offer it refuses with a 501 instead of
ignoring it. Start it in a test with `StorageFake`, or from a shell as a script.
"""

import argparse
import signal
import sys
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import SHUT_RDWR, socket
from threading import Lock, Thread
from types import TracebackType
from typing import Any, Self, cast

if __name__ == "__main__":  # started as a script, Python looks in this folder, not in its parent
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from emulators.storage_answers import Answer
from emulators.storage_api import Api, Request


@dataclass(frozen=True)
class Call:
    """A request that was answered.

    The verbs are insert (an upload in one request), start and chunk (a resumable one), get
    (metadata), media, list, delete, bucket, create_bucket, and unknown.
    """

    verb: str
    bucket: str
    name: str
    status: int
    request_bytes: int  # of the body, as for response_bytes
    response_bytes: int


class StorageFake:
    """A running fake with the given buckets; `forbidden` are rights that the caller lacks.

    The rights are create, get, list and delete; to replace an object takes create and delete.
    """

    def __init__(
        self,
        buckets: Iterable[str] = (),
        *,
        forbidden: Collection[str] = (),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        port: int = 0,
    ) -> None:
        self._api = Api(now, frozenset(forbidden))
        for bucket in buckets:
            self._api.create_bucket(bucket)
        self._calls: list[Call] = []
        self._logging = Lock()
        self._server = _Server(port, self.answer)
        self.url = self._api.url = f"http://127.0.0.1:{self._server.server_port}"
        self._server.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop: no thread and no socket remains."""
        self._server.close()

    def answer(self, request: Request) -> Answer:
        """Answer a request: the one place where every request passes, and where faults belong."""
        operation = self._api.resolve(request)
        answer = self._api.perform(operation)
        sizes = len(request.body), len(answer.body)
        with self._logging:
            self._calls.append(
                Call(operation.verb, operation.bucket, operation.name, answer.status, *sizes)
            )
        return answer

    @property
    def calls(self) -> list[Call]:
        """The requests answered so far, in the order of their answers."""
        with self._logging:
            return list(self._calls)

    def count(self, verb: str) -> int:
        """How many requests of a verb were answered, refused ones included."""
        return sum(call.verb == verb for call in self.calls)

    def objects(self, bucket: str) -> dict[str, bytes]:
        """The live objects of a bucket, in the order of their names."""
        return self._api.bucket(bucket).contents()

    def plant(self, bucket: str, name: str, data: bytes, created_at: datetime | None = None) -> int:
        """Put an object there, whatever is there, and return its generation."""
        return self._api.bucket(bucket).plant(name, data, created_at).generation

    def remove(self, bucket: str, name: str) -> None:
        """Take an object away; KeyError where there is none."""
        self._api.bucket(bucket).remove(name)


class _Server(ThreadingHTTPServer):
    """A server that knows its connections, to end those that clients keep open."""

    daemon_threads = True
    request_queue_size = 128  # with the default of 5, of many clients at once some wait a second

    def __init__(self, port: int, answer: Callable[[Request], Answer]) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.answer = answer
        self._connections: dict[socket, Thread] = {}
        self._registering = Lock()
        self._serving = Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    def start(self) -> None:
        self._serving.start()

    def close(self) -> None:
        self.shutdown()
        self._serving.join()
        self.server_close()
        with self._registering:
            connections = dict(self._connections)
        for connection, thread in connections.items():
            with suppress(OSError):  # it may have ended by itself
                connection.shutdown(SHUT_RDWR)
            thread.join()

    def process_request(self, request: Any, client_address: Any) -> None:
        arguments = request, client_address
        thread = Thread(target=self.process_request_thread, args=arguments, daemon=True)
        with self._registering:
            self._connections[request] = thread
        thread.start()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        super().process_request_thread(request, client_address)
        with self._registering:
            del self._connections[request]

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # clients may go as they like
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # an answer leaves in one piece

    def _exchange(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        if len(body) < length:  # the client went away: half an upload must have no effect
            self.close_connection = True
            return
        request = Request(self.command, self.path, self.headers, body)
        self._send(cast("_Server", self.server).answer(request))

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _exchange  # noqa: N815 - the base looks for these

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status not in (204, 304):
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """Say nothing: the calls are recorded."""


def main() -> None:
    """Serve until SIGTERM or SIGINT, after a line with the address."""
    parser = argparse.ArgumentParser(description="A fake of Google Cloud Storage")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--bucket", action="append", default=[], help="may be given many times")
    arguments = parser.parse_args()
    ends = {signal.SIGTERM, signal.SIGINT}
    # Blocked before the fake's threads start, which inherit it: only sigwait sees these signals.
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    with StorageFake(arguments.bucket, port=arguments.port) as fake:
        print(fake.url, flush=True)  # noqa: T201 - whoever started it reads the address
        signal.sigwait(ends)


if __name__ == "__main__":
    main()
