"""A file that a browser is to save, under its own name, and never to show."""

import re
from urllib.parse import quote

_PLAIN = re.compile(r"[0-9A-Za-z._-]+")
# What RFC 8187 lets stand as it is; all else is percent-encoded UTF-8.
_UNQUOTED = "!#$&+-.^_`|~"


def attachment(name: str) -> str:
    """The value of Content-Disposition, RFC 6266: exact, and something like it for old clients."""
    plain = re.sub(r"[^0-9A-Za-z._ -]", "_", name)
    if _PLAIN.fullmatch(name):
        return f"attachment; filename={name}"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe=_UNQUOTED)}"


def content_type(path: str) -> str:
    """By the name's end."""
    if path.endswith(".csv"):
        return "text/csv; charset=utf-8"
    return "application/json" if path.endswith(".json") else "application/octet-stream"
