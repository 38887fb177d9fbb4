"""A small HTTP/1.1 server on loopback that answers each GET by a function, well or badly.

It keeps connections open and reads a request in one pass: long runs ask it hundreds of thousands
of times, and most of their time would otherwise go into parsing headers.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from socket import SHUT_RDWR, socket
from socketserver import StreamRequestHandler, ThreadingTCPServer
from ssl import SSLContext
from threading import Event, Lock, Thread
from typing import Any, BinaryIO, cast

_LONGEST_LINE = 8192  # bytes
_MOST_HEADERS = 100
_PACE = 0.005  # seconds between two bytes of an answer that trickles
_REASONS = {status.value: status.phrase for status in HTTPStatus}


class Way(Enum):
    """What happens to an answer on its way."""

    WHOLE = "it arrives"
    DROPPED_BEFORE = "the connection ends before its first byte"
    DROPPED_WITHIN = "the connection ends within its body"
    TRICKLED_HEAD = "its headers come byte by byte, and never end"
    TRICKLED_BODY = "its body comes byte by byte, and never ends"


@dataclass(frozen=True)
class Answer:
    """What is sent; length and type of the body are added where `headers` lack them.

    With `Transfer-Encoding` among them, the body is sent as it is, and no length.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    way: Way = Way.WHOLE

    def head(self) -> bytes:
        """The status line and the headers."""
        headers = {"Content-Type": "application/json", **self.headers}
        if "Transfer-Encoding" not in headers:
            headers.setdefault("Content-Length", str(len(self.body)))
        lines = [f"{name}: {value}" for name, value in headers.items()]
        first = f"HTTP/1.1 {self.status} {_REASONS.get(self.status, 'Unknown')}"
        return "\r\n".join((first, *lines, "", "")).encode()


@dataclass(frozen=True)
class Request:
    """What was asked; `target` is the path with its query."""

    target: str
    headers: dict[str, str]
    is_first: bool  # on its connection
    is_last: bool  # the client closes the connection after it


class BadRequest(Exception):
    """What came is not a GET without a body."""


class ExchangeServer(ThreadingTCPServer):
    """A server on a free port; at its end no thread and no connection remains."""

    allow_reuse_address = True
    daemon_threads = False  # so that closing waits for them
    request_queue_size = 128

    def __init__(self, respond: Callable[[Request], Answer], tls: SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self.respond = respond
        self.closing = Event()
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.server_address[1]}"
        self._open: set[socket] = set()
        self._registering = Lock()
        self._accepting = Thread(target=self.serve_forever, args=(0.01,), daemon=True)

    def start(self) -> None:
        """Serve, on threads of its own."""
        self._accepting.start()

    def close(self) -> None:
        """Stop, and end every connection."""
        self.closing.set()
        self.shutdown()
        self._accepting.join()
        self.drop_connections()
        self.server_close()

    def drop_connections(self) -> None:
        """End every connection."""
        with self._registering:
            for connection in self._open:
                with suppress(OSError):  # it may have ended by itself
                    connection.shutdown(SHUT_RDWR)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer one connection's requests on a thread of its own."""
        with self._registering:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """End one connection."""
        with self._registering:
            self._open.discard(request)
        super().shutdown_request(request)


class _Connection(StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self) -> None:
        server = cast("ExchangeServer", self.server)
        is_first, is_open = True, True
        with suppress(ConnectionError):  # clients may go as they like
            while is_open and (request := self._read(is_first)):
                is_first = False
                is_open = self._send(server.respond(request)) and not request.is_last

    def _read(self, is_first: bool) -> Request | None:
        try:
            return _read_request(cast("BinaryIO", self.rfile), is_first)
        except BadRequest as error:
            refusal = Answer(400, {"Connection": "close"}, str(error).encode())
            self.request.sendall(refusal.head() + refusal.body)
            return None

    def _send(self, answer: Answer) -> bool:
        """Whether the connection may go on."""
        if answer.way is Way.WHOLE:
            self.request.sendall(answer.head() + answer.body)
            return answer.headers.get("Connection") != "close"
        if answer.way is Way.DROPPED_WITHIN:
            self.request.sendall(answer.head() + answer.body[: len(answer.body) // 2])
        elif answer.way is Way.TRICKLED_HEAD:
            self._trickle(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        elif answer.way is Way.TRICKLED_BODY:
            self._trickle(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        return False

    def _trickle(self, beginning: bytes) -> None:
        self.request.sendall(beginning)
        while not cast("ExchangeServer", self.server).closing.wait(_PACE):
            self.request.sendall(b" ")


def _read_request(arriving: BinaryIO, is_first: bool) -> Request | None:
    """The next request of a connection; None where it ends."""
    line = arriving.readline(_LONGEST_LINE)
    if not line:
        return None
    try:
        method, target, version = line.decode("ascii").split()
    except ValueError as error:
        raise BadRequest(f"{line!r} is no request") from error
    headers = _read_headers(arriving)
    known = {name.lower(): value for name, value in headers.items()}
    if method != "GET" or "content-length" in known or "transfer-encoding" in known:
        raise BadRequest("only a GET without a body is answered")
    wants_close = known.get("connection", "").lower() == "close" or version == "HTTP/1.0"
    return Request(target, headers, is_first, wants_close)


def _read_headers(arriving: BinaryIO) -> dict[str, str]:
    headers: dict[str, str] = {}
    for _ in range(_MOST_HEADERS):
        line = arriving.readline(_LONGEST_LINE)
        if line == b"\r\n":
            return headers
        name, colon, value = line.decode("latin-1").partition(":")
        if not (colon and line.endswith(b"\r\n")):
            raise BadRequest(f"{line!r} is no header")
        headers[name] = value.strip()
    raise BadRequest(f"more than {_MOST_HEADERS} headers")
