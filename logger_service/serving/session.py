"""A browser's login: a signed cookie, which holds across restarts and ends with the token.

No list of sessions is kept, since the disk is wiped at every deploy: whoever wants all of them to
end sets another token.
"""

from enum import Enum, auto
from hashlib import sha256

from flask import Response
from itsdangerous import BadSignature, SignatureExpired, TimestampSigner

from shared.settings import LoggerSettings

LASTS_SECONDS = 30 * 24 * 3600
_WHO = "admin"


class Told(Enum):
    """What a cookie says."""

    ADMIN = auto()
    OVER = auto()  # it was right, and is too old
    FORGED = auto()  # or of another token


class Session:
    """Makes and reads the cookie of one logger: `name` differs by its port, as cookies do not."""

    def __init__(self, settings: LoggerSettings, token: bytes) -> None:
        self.name = f"btc-logger-{settings.port}"
        self._is_https = settings.render
        self._signer = TimestampSigner(
            token, salt="a browser's session", key_derivation="hmac", digest_method=sha256
        )

    def read(self, cookie: str) -> Told:
        """Compared in constant time."""
        try:
            self._signer.unsign(cookie, max_age=LASTS_SECONDS)
        except SignatureExpired:
            return Told.OVER
        except BadSignature:
            return Told.FORGED
        return Told.ADMIN

    def begin(self, answer: Response) -> None:
        """Have the browser send it with what it asks for, as long as it lasts."""
        answer.set_cookie(
            self.name,
            self._signer.sign(_WHO).decode(),
            max_age=LASTS_SECONDS,
            secure=self._is_https,
            httponly=True,
            samesite="Lax",  # a link from elsewhere opens the page; nothing else is sent from there
        )

    @property
    def gone(self) -> tuple[str, str]:
        """The header that has the browser forget it."""
        answer = Response()
        answer.delete_cookie(self.name, secure=self._is_https, httponly=True, samesite="Lax")
        return "Set-Cookie", answer.headers["Set-Cookie"]
