"""One address, asked again and again over a connection that is kept open.

A socket's timeout begins anew with every byte, so a server that trickles could hold a call for
ever: here each read is given no more time than the call as a whole has left.
"""

import io
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http.client import HTTPException, HTTPResponse
from math import inf
from socket import socket
from typing import Any, cast
from urllib.parse import urlsplit

import certifi
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

CONNECTING, ANSWERING = 3.05, 5.0  # seconds to connect, and between two arrivals of bytes
LONGEST_CALL = 10.0  # seconds from asking to the last byte
LONGEST_IDLE = 50.0  # seconds; what is idle for longer, a server or a router on the way may drop
LONGEST_BODY = 1024 * 1024  # bytes; a real ticker has less than 500
LONGEST_REASON = 200  # characters; the libraries' own may quote a line of 64 KB


@dataclass(frozen=True)
class Answer:
    """An answer; of a body longer than LONGEST_BODY only a beginning, which is longer too."""

    status: int
    headers: Mapping[str, str]  # by name, in upper or lower case
    body: bytes
    seconds: float  # from asking to the last byte


class NoAnswer(Exception):
    """No whole answer came, or none in time."""


class KeptConnection:
    """GET of `url`, by one thread at a time; neither proxies nor redirects are followed."""

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        parts = urlsplit(url)
        self._target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        # What is not packed cannot be a bomb, and a ticker fits into one packet anyway.
        self._headers = {"Accept-Encoding": "identity", **headers}
        self._monotonic = monotonic
        self._ends_at = inf
        self._used_at = -inf
        self._connection = _connection(parts.scheme, str(parts.hostname), parts.port)
        self._connection.response_class = cast("Any", partial(_TimedResponse, self._left))

    def get(self) -> Answer:
        """The answer, whatever its status.

        Raises:
            NoAnswer: none came, it broke off, or it was not whole after LONGEST_CALL.
        """
        asked_at = self._monotonic()
        self._ends_at = asked_at + LONGEST_CALL
        if asked_at - self._used_at > LONGEST_IDLE or not self._connection.is_connected:
            self.close()
        try:
            status, headers, body = self._ask()
        except (HTTPError, HTTPException, OSError, ValueError) as error:
            # A ValueError is what the libraries make of a chunk of less than no bytes.
            self.close()
            # What the libraries between have to say of it is longer, and tells less.
            late = f"the answer was not whole after {LONGEST_CALL:g} s"
            told = str(error.__cause__ or error)[:LONGEST_REASON]
            raise NoAnswer(late if self._left() <= 0 else told) from error
        self._used_at = self._monotonic()
        return Answer(status, headers, body, self._used_at - asked_at)

    def close(self) -> None:
        """Close the connection; the next call makes a new one."""
        self._connection.close()

    def _ask(self) -> tuple[int, Mapping[str, str], bytes]:
        self._connection.request("GET", self._target, headers=self._headers, preload_content=False)
        response = self._connection.getresponse()
        body = b""
        while piece := response.read(LONGEST_BODY, decode_content=False):
            body += piece
            if len(body) > LONGEST_BODY:
                self.close()  # with the rest in it, it is of no further use
                break
        return response.status, response.headers, body

    def _left(self) -> float:
        return self._ends_at - self._monotonic()


def _connection(scheme: str, host: str, port: int | None) -> HTTPConnection:
    if scheme == "https":
        return HTTPSConnection(host, port, timeout=CONNECTING, ca_certs=certifi.where())
    return HTTPConnection(host, port, timeout=CONNECTING)


class _TimedResponse(HTTPResponse):
    """A response that is read, from its first byte on, within the time left."""

    def __init__(
        self, left: Callable[[], float], sock: socket, *args: Any, **keywords: Any
    ) -> None:
        super().__init__(sock, *args, **keywords)
        self.fp = io.BufferedReader(_TimedReads(self.fp.detach(), sock, left))


class _TimedReads(io.RawIOBase):
    """What arrives at a socket, as long as there is time left."""

    def __init__(self, arriving: io.RawIOBase, sock: socket, left: Callable[[], float]) -> None:
        self._arriving, self._sock, self._left = arriving, sock, left

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Wait for bytes; TimeoutError when there is no time left, or none came for long."""
        left = self._left()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(min(ANSWERING, left))
        return self._arriving.readinto(buffer)

    def close(self) -> None:
        """Let go of the socket."""
        self._arriving.close()
        super().close()
