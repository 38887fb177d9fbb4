"""A webhook on loopback: it notes what arrives, and refuses as often as it is told to."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self


class Webhook:
    """A context; `url` is its address for NOTIFY_URLS."""

    def __init__(self, refusals: int = 0) -> None:
        self.messages: list[dict[str, Any]] = []
        self.refusals = refusals  # still to come
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.messages.append(json.loads(body))
                self.send_response(503 if hook.refusals else 200)
                hook.refusals = max(hook.refusals - 1, 0)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing: the messages tell."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"json://127.0.0.1:{self._server.server_address[1]}/hook"

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def texts(self) -> list[tuple[str, str]]:
        """Title and body of each message."""
        return [(message["title"], message["message"]) for message in self.messages]
