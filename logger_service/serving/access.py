"""Who may steer this logger and see its backups: whoever has ADMIN_TOKEN.

It comes as a bearer, as the password of HTTP basic, or as the session of a browser that has logged
in with it. Without a configured token only this machine may, where the logger listens to nobody
else.
"""

import hmac
import math
from collections.abc import Callable
from functools import partial
from hashlib import sha256

from flask import Blueprint, Response, request

from serving.client import client_of, token_of
from serving.failed_logins import FailedLogins, TooManyFailures
from serving.foreign import is_foreign, is_page_opened, names_loopback
from serving.problem import Problem
from serving.session import Session, Told
from shared.setting_values import LOOPBACK
from shared.settings import LoggerSettings

_SAFE = ("GET", "HEAD", "OPTIONS")
_WANTED = [
    ("WWW-Authenticate", 'Bearer realm="btc-logger"'),
    ("WWW-Authenticate", 'Basic realm="btc-logger", charset="UTF-8"'),
]
_HINT = "Send ADMIN_TOKEN as a bearer, or as the password of any user"


class Access:
    """Decides about each request to a protected route; `failed_logins` counts.

    `session` is None where nobody can log in.
    """

    def __init__(self, settings: LoggerSettings) -> None:
        token = settings.admin_token
        self._token = token.get_secret_value().encode() if token else None
        self.session = Session(settings, self._token) if self._token else None
        self.is_open = token is None and settings.host in LOOPBACK and not settings.render
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
        self.require_own_site()
        if not self.is_admin():
            raise Problem(401, "the token is missing", _HINT, headers=_WANTED)

    def require_own_site(self) -> None:
        """Refuse what no login would make right.

        Raises:
            Problem: 503 where no token is configured, 403 for a foreign site's.
        """
        if not self.is_open and self._token is None:
            raise Problem(503, "ADMIN_TOKEN is not set", "Set it, and send it with each request")
        if self._is_forged():
            raise Problem(403, "another site has sent this request", "Send it from this one")

    def is_admin(self) -> bool:
        """Whether the request is the admin's.

        Raises:
            Problem: 401 for a token that is wrong, 429 after too many of those.
        """
        if self.is_open:
            return not self._is_forged()
        if self.session is None:
            return False
        given, cookie = token_of(request), request.cookies.get(self.session.name)
        if given is not None:
            self.log_in(given)
            return True
        if cookie is None or (told := self.session.read(cookie)) is Told.OVER:
            return False
        # An open page has a dozen requests under way when the token changes: all of one guess.
        guess = sha256(cookie.encode("utf-8", "replace")).hexdigest()
        otherwise = "the session is of another token"
        self._attempt(lambda: told is Told.ADMIN, otherwise, self.session.gone, guess=guess)
        return True

    def log_in(self, given: bytes) -> None:
        """Count the attempt; returns for the right token.

        Raises:
            Problem: 401 for a token that is wrong, 429 after too many of those.
        """
        self._attempt(partial(self._is_token, given), "the token is wrong")

    def _attempt(
        self,
        is_right: Callable[[], bool],
        otherwise: str,
        *also: tuple[str, str],
        guess: str = "",
    ) -> None:
        client = client_of(request, is_proxied=self._is_proxied)
        try:
            if self.failed_logins.attempt(client, is_right, guess):
                return
        except TooManyFailures as error:
            wait = [("Retry-After", str(math.ceil(error.seconds)))]
            raise Problem(429, "too many logins have failed", "Wait", headers=wait) from error
        raise Problem(401, otherwise, _HINT, headers=[*_WANTED, *also])

    def _is_token(self, given: bytes) -> bool:
        return self._token is not None and hmac.compare_digest(given, self._token)

    def _is_forged(self) -> bool:
        """Whether somebody else's page sends it, from the browser of someone who may."""
        if not self.is_open:
            return request.method not in _SAFE and is_foreign(request)
        return not names_loopback(request) or (is_foreign(request) and not is_page_opened(request))


def keep_nowhere(answer: Response) -> Response:
    """Let no cache have an answer that holds for now only, or is not for everybody."""
    answer.headers["Cache-Control"] = "no-store"
    return answer
