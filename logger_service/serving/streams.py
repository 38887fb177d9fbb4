"""Long answers, sent as they are read, and at most so many of them at once.

A client that reads slowly holds a thread for as long: what is left of the threads is for the
health check, the function's pulls and those who steer.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from threading import BoundedSemaphore

from flask import Response, request
from werkzeug.exceptions import ServiceUnavailable

from reading.price_texts import gzipped
from serving.web_server import STREAMS

RETRY_SECONDS = 5
_log = logging.getLogger(__name__)


class Streams:
    """Counts the answers under way, in any thread."""

    def __init__(self) -> None:
        self._free = BoundedSemaphore(STREAMS)

    def begin(self) -> None:
        """Count one more, whose end has to be told.

        Raises:
            ServiceUnavailable: there are as many as there may be.
        """
        if not self._free.acquire(blocking=False):
            raise ServiceUnavailable(
                f"{STREAMS} downloads are under way, and no more are served at once; "
                f"ask again in {RETRY_SECONDS} seconds",
                retry_after=RETRY_SECONDS,
            )

    def end(self) -> None:
        """One of them is over."""
        self._free.release()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Count the block as one; raises ServiceUnavailable as `begin` does."""
        self.begin()
        try:
            yield
        finally:
            self.end()

    def answer(self, pieces: Iterator[bytes], content_type: str) -> Response:
        """Send the pieces, compressed where the client accepts it.

        An error before the first of them is raised; later ones break the connection off, so that
        nobody takes what came for all.
        """
        answer = Response(iter(()), content_type=content_type)
        answer.headers["Vary"] = "Accept, Accept-Encoding, Authorization"
        if is_gzip_accepted():
            answer.headers["Content-Encoding"] = "gzip"
            pieces = gzipped(pieces)
        if request.method != "HEAD":
            self.fill(answer, pieces)
        return answer

    def fill(self, answer: Response, pieces: Iterator[bytes]) -> None:
        """Have the answer send the pieces as they are; errors are as `answer` tells."""
        self.begin()
        try:
            answer.response = chain([next(pieces, b"")], _loudly(pieces, request.full_path))
        except BaseException:
            self.end()
            raise
        answer.call_on_close(self.end)


def is_gzip_accepted() -> bool:
    """Whether the client has named it."""
    return request.accept_encodings.find("gzip") >= 0 and request.accept_encodings["gzip"] > 0


def _loudly(pieces: Iterator[bytes], reading: str) -> Iterator[bytes]:
    try:
        yield from pieces
    except Exception:
        _log.exception("%s was broken off", reading)
        raise
