"""The HTTP server of the storage fake: many connections, each answered well or badly, as told."""

import os
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, SO_LINGER, SOL_SOCKET, socket
from threading import Lock, Thread
from typing import Any, cast

from emulators.storage_answers import Answer
from emulators.storage_api import Request
from emulators.storage_faults import FaultKind

_RESETS = (FaultKind.RESET_BEFORE_BODY, FaultKind.RESET_AFTER_BODY, FaultKind.LOST_ANSWER)
_HALVES = (FaultKind.CUT_BODY, FaultKind.STALL)


class StorageServer(ThreadingHTTPServer):
    """A server that knows its connections, to end those that clients keep open.

    `refuses` says of a request's head, by its method and target, whether its body is not even
    read; `answer` gives what is to be sent, and what happens to it on its way.
    """

    daemon_threads = True
    request_queue_size = 128  # with the default of 5, of many clients at once some wait a second

    def __init__(
        self,
        port: int,
        refuses: Callable[[str, str], bool],
        answer: Callable[[Request], Answer],
    ) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.refuses, self.answer = refuses, answer
        self._connections: dict[socket, Thread] = {}
        self._registering = Lock()
        self._serving = Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    def start(self) -> None:
        """Serve, on threads of its own."""
        self._serving.start()

    def close(self) -> None:
        """Stop: no thread and no socket remains."""
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
        """Answer one connection's requests on a thread of its own."""
        arguments = request, client_address
        thread = Thread(target=self.process_request_thread, args=arguments, daemon=True)
        with self._registering:
            self._connections[request] = thread
        thread.start()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """What that thread does."""
        super().process_request_thread(request, client_address)
        with self._registering:
            del self._connections[request]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Tell of what is the fake's own fault; clients may go as they like."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # an answer leaves in one piece

    def _exchange(self) -> None:
        server = cast("StorageServer", self.server)
        if server.refuses(self.command, self.path):
            self._reset()
            return
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        if len(body) < length:  # the client went away: half an upload must have no effect
            self.close_connection = True
            return
        answer = server.answer(Request(self.command, self.path, self.headers, body))
        if answer.fault in _RESETS:
            self._reset()
        else:
            self._send(answer)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _exchange  # noqa: N815 - the base looks for these

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status not in (204, 304):
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if answer.fault not in _HALVES:
            self.wfile.write(answer.body)
            if answer.fault is FaultKind.RESET_AFTER_ANSWER:
                self.wfile.flush()
                self._reset()
            return
        self.wfile.write(answer.body[: len(answer.body) // 2])
        self.wfile.flush()
        self.close_connection = True
        if answer.fault is FaultKind.STALL:
            self.rfile.read(1)  # until the client, or the fake, has had enough

    def _reset(self) -> None:
        """End the connection at once; what was not sent never will be."""
        self.close_connection = True
        self.connection.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())  # a mere close would wait for the files made of it

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """Say nothing: the calls are recorded."""
