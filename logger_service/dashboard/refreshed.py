"""What an open page asks for again and again: a text, sent only where it has changed."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Response, request

_HERE = Path(__file__).parent
_SHOWN = (".html", ".css", ".js", ".svg")


@cache
def version() -> str:
    """Of templates, style, script and signs: a page of another one has to be opened anew."""
    files = sorted(path for path in _HERE.rglob("*") if path.suffix in _SHOWN)
    return sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()[:12]


def refreshed(text: str) -> Response:
    """The text, or 304 for a page that has it."""
    answer = Response(text, content_type="text/html; charset=utf-8")
    answer.headers["Page-Version"] = version()
    answer.add_etag()
    answer.make_conditional(request)
    return answer
