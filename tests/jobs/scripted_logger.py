"""A logger on loopback that answers whatever a test tells it to, right or wrong."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Self
from urllib.parse import unquote

import zstandard


@dataclass(frozen=True)
class Scripted:
    """An answer; of `cut_to`, only so many bytes of the announced body are sent."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut_to: int | None = None


def whole_file(content: bytes, path: str = "prices.csv") -> dict[str, object]:
    """A snapshot's entry for a file of at most one chunk."""
    chunks = [sha256(content).hexdigest()] if content else []
    return {"path": path, "size": len(content), "mtime_ns": 10**18, "chunks": chunks}


def listing(*files: dict[str, object], **changes: object) -> bytes:
    """A snapshot of these files that is right but for the changes."""
    snapshot = {
        "format": 1,
        "service": "btc-logger",
        "instance": "scripted",
        "taken_at": "2026-11-22T20:30:00.000Z",
        "archive": None,
        "chunk_size": 4 * 1024 * 1024,
        "files": list(files),
    }
    return json.dumps(snapshot | changes).encode()


def frame(content: bytes) -> bytes:
    """One zstd frame."""
    return zstandard.compress(content)


AnswerTo = Callable[[dict[str, str]], Scripted]
AnswerAbout = Callable[[str], Scripted]


class ScriptedLogger:
    """The server, from `with` to its end.

    `snapshot` is given a request's headers, `file` the path of the file that is asked for;
    `heard` are the paths of all requests.
    """

    def __init__(self) -> None:
        self.snapshot: AnswerTo = lambda _headers: Scripted(listing())
        self.file: AnswerAbout = lambda _path: Scripted(status=404)
        self.heard: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def serve(self, content: bytes, path: str = "prices.csv") -> None:
        """Answer as a good logger that has one file."""
        self.snapshot = lambda _headers: Scripted(listing(whole_file(content, path)))
        self.file = lambda _path: Scripted(frame(content))

    def _answer(self, target: str, headers: dict[str, str]) -> Scripted:
        path = target.partition("?")[0]
        self.heard.append(path)
        if path == "/snapshot":
            return self.snapshot(headers)
        if path.startswith("/snapshot/files/"):
            return self.file(unquote(path.removeprefix("/snapshot/files/")))
        return Scripted(status=404)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        script = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer = script._answer(self.path, dict(self.headers))
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body[: answer.cut_to])

            def log_message(self, *_: object) -> None:
                """Tests show what failed; a line per request would hide it."""

        return Handler
