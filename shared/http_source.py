"""A logger's snapshot endpoint as a source.

The address and the token come from settings only; redirects are not followed, and every body
is received up to a cap, so that a strange server costs nothing but an error.
"""

from collections import Counter
from math import inf
from threading import Lock
from urllib.parse import quote

import requests
import zstandard
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError
from urllib3.util.retry import Retry

from shared.chunk import LARGEST_FRAME
from shared.document import LARGEST_DOCUMENT
from shared.errors import (
    Malformed,
    SourceChanged,
    SourceError,
    SourceRefused,
    SourceUnreachable,
    TooNew,
)
from shared.format import Snapshot, parse_snapshot
from shared.source import Source
from shared.time_limit import NO_LIMIT, TimeLimit

PIECE = 256 * 1024  # bytes received, or unpacked, at once
LARGEST_WINDOW = 8 * 1024 * 1024  # bytes; RFC 8878 asks no more of whoever reads zstd from a server
CONNECTING, ANSWERING = 10.0, 90.0  # seconds: a sleeping free service takes a minute to wake up
LEAST_TIMEOUT = 0.1  # seconds; none at all would be no timeout
READING = 0.8  # share of a time limit after which no answer is waited for
RETRIES = 2  # of a connection that could not be made
_RETRY = Retry(connect=RETRIES, read=0, redirect=0, status=0, other=0, backoff_factor=0.5)
_WRAPPED = (requests.RequestException, HTTPError, OSError)
_HINTS = {
    401: "SNAPSHOT_TOKEN must be the same for the logger and the function",
    404: "Check SNAPSHOT_URL: it is the logger's address without a path",
    503: "Check the logger's BACKUP_ENABLED and SNAPSHOT_TOKEN",
}


class HttpSource(Source):
    """The logger at `url`, such as `https://my-logger.onrender.com`.

    What has not come when most of `limit` is used up counts as not answered; a snapshot of more
    than `largest` bytes is refused.
    """

    def __init__(
        self,
        url: str,
        token: str,
        threads: int = 4,
        limit: TimeLimit = NO_LIMIT,
        largest: float = inf,
    ) -> None:
        self._url, self._limit, self._largest = url, limit, largest
        self._token = token.encode()
        self._session = _Session()
        self._session.trust_env = False  # no proxy and no .netrc between us and the logger
        self._session.headers["Authorization"] = f"Bearer {token}"
        self._session.headers["User-Agent"] = "btc-logger-backup"
        for scheme in ("https://", "http://"):
            adapter = HTTPAdapter(pool_maxsize=threads, max_retries=_RETRY)
            self._session.mount(scheme, adapter)
        self._received: Counter[str] = Counter(listing=0, data=0)
        self._counting = Lock()

    @property
    def wire_bytes(self) -> dict[str, int]:
        """Bytes of the bodies received, as they came over the wire."""
        return dict(self._received)

    def snapshot(self) -> Snapshot:
        """GET /snapshot."""
        body = self._get("/snapshot", {}, LARGEST_DOCUMENT, "listing")
        try:
            snapshot = parse_snapshot(body, f"{self._url}/snapshot")
        except TooNew as error:
            raise SourceRefused(error.message, name=error.name, hint=error.hint) from error
        if (size := sum(file.size for file in snapshot.files)) > self._largest:
            most = max(snapshot.files, key=lambda file: file.size)
            raise SourceRefused(
                f"{self._url}/snapshot announces {size:,} bytes, at most {self._largest:,.0f} "
                f"expected; {most.path} alone has {most.size:,}",
                name=most.path,
                hint="Raise MAX_SNAPSHOT_GB if that is right, or see BACKUP_EXCLUDE",
            )
        return snapshot

    def read(self, path: str, offset: int, length: int, chunk: str = "") -> bytes:
        """GET /snapshot/files/<path>."""
        where = {"offset": str(offset), "length": str(length)} | ({"chunk": chunk} if chunk else {})
        return self._get(f"/snapshot/files/{quote(path)}", where, LARGEST_FRAME, "data")

    def _get(self, path: str, params: dict[str, str], limit: int, kind: str) -> bytes:
        url = self._url + path
        try:
            with self._session.get(
                url,
                params=params,
                headers={"Accept-Encoding": "zstd"},
                timeout=self._timeout(),
                allow_redirects=False,
                stream=True,
            ) as answer:
                body = self._read_body(answer, limit)
        except (requests.RequestException, HTTPError, OSError) as error:
            late = "It was too slow for CALL_TIMEOUT_SECONDS; the next call asks again"
            hint = late if self._limit.is_over(READING) else "Is the logger up?"
            raise SourceUnreachable(
                f"{url} did not answer: {_innermost(error)}", name=url, hint=hint
            ) from error
        with self._counting:
            self._received[kind] += len(body)
        if answer.status_code != 200:
            # What a proxy says in the logger's place may show what it was sent.
            raise _refusal(answer.status_code, url, body.replace(self._token, b"[token]"))
        if answer.headers.get("Content-Encoding") == "zstd":
            return _decoded(body, url)
        return body

    def _timeout(self) -> tuple[float, float]:
        """Seconds to connect, and between two pieces of an answer."""
        left = self._limit.left(READING)
        if left is None:
            return CONNECTING, ANSWERING
        left = max(left, LEAST_TIMEOUT)
        return min(CONNECTING, left / (1 + RETRIES)), min(ANSWERING, left)

    def _read_body(self, answer: requests.Response, limit: int) -> bytes:
        """The body as it is on the wire, whole or not at all.

        Raises:
            Malformed: it is longer than `limit`.
            TimeoutError: it comes too slowly.
        """
        pieces, size = [], 0
        while piece := answer.raw.read(PIECE, decode_content=False):
            pieces.append(piece)
            size += len(piece)
            if size > limit:
                message = f"{answer.url} answered with more than {limit} bytes"
                raise Malformed(message, name=answer.url)
            if self._limit.is_over(READING):
                raise TimeoutError(f"{size} bytes had come when time ran out")
        return b"".join(pieces)


class _Session(requests.Session):
    """A session for which no answer leads elsewhere.

    Of one that does, requests reads the body at once and whole, even if it is not to follow it.
    """

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere."""


def _decoded(body: bytes, url: str) -> bytes:
    """A listing without its coding, which a proxy may have made anew in its own way.

    Raises:
        Malformed: it is not zstd, or more than a listing may be.
    """
    opener = zstandard.ZstdDecompressor(max_window_size=LARGEST_WINDOW)
    pieces, size = [], 0
    try:
        with opener.stream_reader(body, read_across_frames=True) as reader:
            while size <= LARGEST_DOCUMENT and (piece := reader.read(PIECE)):
                pieces.append(piece)
                size += len(piece)
    except zstandard.ZstdError as error:
        raise Malformed(f"{url} is not what zstd made: {error}", name=url) from error
    if size > LARGEST_DOCUMENT:
        raise Malformed(f"{url} unpacks to more than {LARGEST_DOCUMENT} bytes", name=url)
    return b"".join(pieces)


def _innermost(error: BaseException) -> BaseException:
    """What it came of: the libraries put their own words around that, several times over."""
    inner = error.__cause__ or error.__context__
    return _innermost(inner) if isinstance(inner, _WRAPPED) else error


def _refusal(status: int, url: str, body: bytes) -> SourceError:
    said = body[:200].decode(errors="replace").strip()
    if status == 409:
        return SourceChanged(f"{url} is no longer what the snapshot announced: {said}", name=url)
    return SourceRefused(
        f"{url} answered {status}: {said}", name=url, status=status, hint=_HINTS.get(status, "")
    )
