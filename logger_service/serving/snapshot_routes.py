"""The logger's whole public duty to the backup function: what is there, and its bytes.

Both routes want the snapshot token; without a configured one they are closed and say so.
"""

import gzip
import hmac
from collections.abc import Callable

import zstandard
from flask import Blueprint, Response, request

from serving.problem import Problem
from shared.chunk import digest
from shared.directory_source import DirectorySource
from shared.document import encode
from shared.errors import SourceRefused
from shared.format import Snapshot
from shared.settings import LoggerSettings

LONGEST_NUMBER = 19  # digits, which 64 bits hold
_ENCODERS: dict[str, Callable[[bytes], bytes]] = {"zstd": zstandard.compress, "gzip": gzip.compress}


def snapshot_routes(settings: LoggerSettings, source: DirectorySource) -> Blueprint:
    """`GET /snapshot` and `GET /snapshot/files/<path>?offset=N&length=M&chunk=DIGEST`."""
    routes = Blueprint("snapshot", __name__)

    @routes.before_request
    def _admit() -> None:
        if not settings.backup_enabled:
            raise Problem(503, "backups are switched off", "Set BACKUP_ENABLED=true")
        if settings.snapshot_token is None:
            raise Problem(503, "SNAPSHOT_TOKEN is not set", "Set it here and for the function")
        expected = f"Bearer {settings.snapshot_token.get_secret_value()}"
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode()):
            raise Problem(401, "the token is wrong or missing", "Send SNAPSHOT_TOKEN as a bearer")

    @routes.get("/snapshot")
    def _snapshot() -> Response:
        return _listing(source.snapshot())

    @routes.get("/snapshot/files/<path:path>")
    def _file(path: str) -> Response:
        offset, length = _number("offset"), _number("length")
        try:
            frame = source.read(path, offset, length, request.args.get("chunk", ""))
        except SourceRefused as error:
            raise Problem(400, error.message, "Ask for what the newest snapshot shows") from error
        return Response(frame, content_type="application/zstd")

    return routes


def _listing(snapshot: Snapshot) -> Response:
    """The snapshot, compressed as the client accepts it, or 304 where it has this one."""
    answer = Response(encode(snapshot), content_type="application/json")
    answer.headers["Vary"] = "Accept-Encoding"
    of_the_files = snapshot.model_dump_json(exclude={"taken_at", "catching_up"})
    answer.set_etag(digest(of_the_files.encode()), weak=True)
    coding = request.accept_encodings.best_match(_ENCODERS)
    if coding:
        answer.data = _ENCODERS[coding](answer.data)
        answer.headers["Content-Encoding"] = coding
    answer.make_conditional(request)
    return answer


def _number(name: str) -> int:
    text = request.args.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER):
        raise Problem(400, f"{name}={text!r}", f"Expected {name} to be a number of bytes")
    return int(text)
