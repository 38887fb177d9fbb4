"""Who may steer this logger and see its backups: whoever has ADMIN_TOKEN.

It comes as a bearer, or as the password of HTTP basic, so that a browser can log in. Without a
configured token only this machine may, where the logger listens to nobody else.
"""

import hmac
from urllib.parse import urlsplit

from flask import Blueprint, request

from serving.problem import Problem
from shared.setting_values import LOOPBACK
from shared.settings import LoggerSettings

_SAFE = ("GET", "HEAD", "OPTIONS")


class Access:
    """Decides about each request to a protected route."""

    def __init__(self, settings: LoggerSettings) -> None:
        token = settings.admin_token
        self._token = token.get_secret_value().encode() if token else None
        self._is_open = token is None and settings.host in LOOPBACK and not settings.render

    def guard(self, routes: Blueprint) -> None:
        """Let only the admin have these routes, and let no foreign site send for them."""
        routes.before_request(self.require_admin)

    def require_admin(self) -> None:
        """Raises Problem: 503 without a token, 401 for a wrong one, 403 for a foreign site's."""
        if not self._is_open and self._token is None:
            raise Problem(503, "ADMIN_TOKEN is not set", "Set it, and send it with each request")
        if not self.is_admin():
            raise Problem(401, "the token is missing", "Send ADMIN_TOKEN as a bearer")
        if request.method not in _SAFE and _is_foreign():
            raise Problem(403, "another site has sent this request", "Send it from this one")

    def is_admin(self) -> bool:
        """Whether the request is the admin's; raises Problem, 401, for a token that is wrong."""
        if self._is_open:
            return True
        given = _given()
        if given is None or self._token is None:
            return False
        if not hmac.compare_digest(given, self._token):
            raise Problem(401, "the token is wrong", "Send ADMIN_TOKEN as a bearer")
        return True


def _given() -> bytes | None:
    """The token of the request, however it was sent."""
    authorization = request.authorization
    if authorization is None:
        return None
    text = authorization.token if authorization.type == "bearer" else authorization.password
    return (text or "").encode("utf-8", "replace")


def _is_foreign() -> bool:
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        return True
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host
