"""Who may steer this logger and see its backups: whoever has ADMIN_TOKEN.

It comes as a bearer, or as the password of HTTP basic, so that a browser can log in. Without a
configured token only this machine may, where the logger listens to nobody else.
"""

import hmac
import math

from flask import Blueprint, Response, request

from serving.client import client_of, token_of
from serving.failed_logins import FailedLogins, TooManyFailures
from serving.foreign import is_foreign, is_page_opened, names_loopback
from serving.problem import Problem
from shared.setting_values import LOOPBACK
from shared.settings import LoggerSettings

_SAFE = ("GET", "HEAD", "OPTIONS")
_WANTED = [
    ("WWW-Authenticate", 'Bearer realm="btc-logger"'),
    ("WWW-Authenticate", 'Basic realm="btc-logger", charset="UTF-8"'),
]
_HINT = "Send ADMIN_TOKEN as a bearer, or as the password of any user"


class Access:
    """Decides about each request to a protected route; `failed_logins` counts."""

    def __init__(self, settings: LoggerSettings) -> None:
        token = settings.admin_token
        self._token = token.get_secret_value().encode() if token else None
        self._is_open = token is None and settings.host in LOOPBACK and not settings.render
        self._is_proxied = settings.render
        self.failed_logins = FailedLogins()

    def guard(self, routes: Blueprint) -> None:
        """Let only the admin have these routes, and let no foreign site send for them."""
        routes.before_request(self.require_admin)
        routes.after_request(keep_nowhere)

    def require_admin(self) -> None:
        """Refuse the request unless it is the admin's.

        Raises:
            Problem: 503 where none is configured, 403 for a foreign site's, 401 for no token or a
            wrong one, 429 after too many of those.
        """
        if not self._is_open and self._token is None:
            raise Problem(503, "ADMIN_TOKEN is not set", "Set it, and send it with each request")
        if self._is_forged():
            raise Problem(403, "another site has sent this request", "Send it from this one")
        if not self.is_admin():
            raise Problem(401, "the token is missing", _HINT, headers=_WANTED)

    def is_admin(self) -> bool:
        """Whether the request is the admin's.

        Raises:
            Problem: 401 for a token that is wrong, 429 after too many of those.
        """
        if self._is_open:
            return not self._is_forged()
        given = token_of(request)
        if given is None or self._token is None:
            return False
        client = client_of(request, is_proxied=self._is_proxied)
        try:
            is_right = self.failed_logins.attempt(client, lambda: self._is_token(given))
        except TooManyFailures as error:
            wait = [("Retry-After", str(math.ceil(error.seconds)))]
            raise Problem(429, "too many logins have failed", "Wait", headers=wait) from error
        if not is_right:
            raise Problem(401, "the token is wrong", _HINT, headers=_WANTED)
        return True

    def _is_token(self, given: bytes) -> bool:
        return hmac.compare_digest(given, self._token or b"")

    def _is_forged(self) -> bool:
        """Whether somebody else's page sends it, from the browser of someone who may."""
        if not self._is_open:
            return request.method not in _SAFE and is_foreign(request)
        return not names_loopback(request) or (is_foreign(request) and not is_page_opened(request))


def keep_nowhere(answer: Response) -> Response:
    """Let no cache have an answer that holds for now only, or is not for everybody."""
    answer.headers["Cache-Control"] = "no-store"
    return answer
