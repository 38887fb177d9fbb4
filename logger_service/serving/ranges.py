"""A part of a file that a client asks for, as when a download is resumed."""

from typing import Any

from flask import request


def one_range() -> dict[str, Any]:
    """The request, less a range that is not one of bytes: then all of them are the answer."""
    wanted = request.range
    if wanted and wanted.units == "bytes" and len(wanted.ranges) == 1:
        return request.environ
    return {name: value for name, value in request.environ.items() if name != "HTTP_RANGE"}
