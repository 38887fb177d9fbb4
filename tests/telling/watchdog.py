"""What waits for heartbeats, on loopback: it notes each, and answers as it is told to."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self


class Watchdog:
    """A context; `url` is its address for HEARTBEAT_URL."""

    def __init__(self, status: int = 200, location: str = "") -> None:
        self.asked: list[str] = []  # paths
        self.headers: list[dict[str, str]] = []
        watchdog = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                watchdog.headers.append(dict(self.headers))
                watchdog.asked.append(self.path)
                self.send_response(status)
                if location:
                    self.send_header("Location", location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing: the requests tell."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/ping/secret-uuid"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
