"""Where a browser is led to, once what it asked for is done or is to be had elsewhere."""

from flask import Response


def see_other(address: str) -> Response:
    """Have the browser GET that page of this host."""
    return Response(status=303, headers={"Location": address})
