"""One address, asked again and again over a connection that is kept open.

A socket's timeout begins anew with every byte, so a server that trickles could hold a call for
ever: here each read is given no more time than the call as a whole has left.
"""

import io
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http.client import HTTPResponse
from math import inf
from socket import socket
from typing import Any, cast

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool
from urllib3.exceptions import HTTPError

CONNECTING, ANSWERING = 3.05, 5.0  # seconds to connect, and between two arrivals of bytes
LONGEST_CALL = 10.0  # seconds from asking to the last byte
LONGEST_IDLE = 50.0  # seconds; what is idle for longer, a server or a router on the way may drop
LONGEST_BODY = 1024 * 1024  # bytes; a real ticker has less than 500


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
        self._url = url
        self._monotonic = monotonic
        self._ends_at = inf
        self._used_at = -inf
        self._session = _Session()
        self._session.trust_env = False  # no proxy and no .netrc between us and the exchange
        # What is not packed cannot be a bomb, and a ticker fits into one packet anyway.
        self._session.headers.update({"Accept-Encoding": "identity", **headers})
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, _TimedAdapter(self._left))

    def get(self) -> Answer:
        """The answer, whatever its status.

        Raises:
            NoAnswer: none came, it broke off, or it was not whole after LONGEST_CALL.
        """
        asked_at = self._monotonic()
        self._ends_at = asked_at + LONGEST_CALL
        if asked_at - self._used_at > LONGEST_IDLE:
            self.close()
        try:
            status, headers, body = self._ask()
        except (requests.RequestException, HTTPError, OSError) as error:
            self.close()
            # The libraries between would only tell of the last read.
            late = f"the answer was not whole after {LONGEST_CALL:g} s"
            raise NoAnswer(late if self._left() <= 0 else str(error)) from error
        self._used_at = self._monotonic()
        return Answer(status, headers, body, self._used_at - asked_at)

    def close(self) -> None:
        """Close the connection; the next call makes a new one."""
        self._session.close()

    def _ask(self) -> tuple[int, Mapping[str, str], bytes]:
        # Streamed, because a body is otherwise in memory before its length is known.
        with self._session.get(
            self._url, timeout=(CONNECTING, ANSWERING), stream=True, allow_redirects=False
        ) as response:
            body = b""
            while len(body) <= LONGEST_BODY and (
                piece := response.raw.read(LONGEST_BODY, decode_content=False)
            ):
                body += piece
            return response.status_code, response.headers, body

    def _left(self) -> float:
        return self._ends_at - self._monotonic()


class _Session(requests.Session):
    """A session for which no answer leads elsewhere.

    Of one that does, requests reads the body at once and whole, even if it is not to follow it.
    """

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere."""


class _TimedAdapter(HTTPAdapter):
    """Makes connections whose answers are read, from the first byte on, within the time left."""

    def __init__(self, left: Callable[[], float]) -> None:
        self._left = left
        super().__init__()

    def get_connection_with_tls_context(self, *args: Any, **keywords: Any) -> HTTPConnectionPool:
        """The pool for a request, as it was or made to make such connections."""
        pool = cast(
            "HTTPConnectionPool", super().get_connection_with_tls_context(*args, **keywords)
        )
        if not isinstance(pool.ConnectionCls, partial):
            pool.ConnectionCls = cast("Any", partial(self._connection, pool.ConnectionCls))
        return pool

    def _connection(self, kind: Callable[..., Any], **keywords: Any) -> Any:
        connection = kind(**keywords)
        connection.response_class = partial(_TimedResponse, self._left)
        return connection


class _TimedResponse(HTTPResponse):
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
