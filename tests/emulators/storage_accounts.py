"""Service accounts of the storage fake: their keys, and the tokens that stand for them.

A key's holder signs an assertion, and `/token` changes it for an access token, as Google does
(RFC 7523, https://developers.google.com/identity/protocols/oauth2/service-account).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex, token_urlsafe
from typing import Any

from emulators.google_signing import PrivateKey, unverified
from emulators.storage_conditions import ApiError

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
AUDIENCE = "https://oauth2.googleapis.com/token"  # whatever address a key names (google-auth 2.63)
LIFETIME = timedelta(hours=1)  # of a token
_SCOPES = ("cloud-platform", "devstorage.full_control", "devstorage.read_write")
_SCOPE = "https://www.googleapis.com/auth/"


class InvalidGrant(Exception):
    """What came in exchange for a token is not worth one."""


@dataclass(frozen=True)
class _Key:
    email: str
    private: PrivateKey


@dataclass(frozen=True)
class _Token:
    email: str
    expires_at: datetime


class StorageAccounts:
    """Keys and tokens; `elsewhere` knows who holds a token that another server gave out."""

    def __init__(self, now: Callable[[], datetime], elsewhere: Callable[[str], str | None]) -> None:
        self._now, self._elsewhere = now, elsewhere
        self._keys: dict[str, _Key] = {}
        self._tokens: dict[str, _Token] = {}

    def new_key(self, email: str, token_uri: str) -> dict[str, str]:
        """What Google gives as a new key's file."""
        key_id, private = token_hex(20), PrivateKey()
        self._keys[key_id] = _Key(email, private)
        return {
            "type": "service_account",
            "project_id": "p1",
            "private_key_id": key_id,
            "private_key": private.pem,
            "client_email": email,
            "token_uri": token_uri,
        }

    def exchange(self, form: Mapping[str, str]) -> dict[str, Any]:
        """An access token for a signed assertion; raises InvalidGrant where it is not good."""
        if form.get("grant_type") != GRANT:
            raise InvalidGrant(f"the grant type is {form.get('grant_type')}, not {GRANT}")
        return self.issue(self._signer(form.get("assertion", "")))

    def issue(self, email: str) -> dict[str, Any]:
        """A new access token, as Google tells of one."""
        token = token_urlsafe(24)
        self._tokens[token] = _Token(email, self._now() + LIFETIME)
        return {
            "access_token": token,
            "expires_in": int(LIFETIME.total_seconds()),
            "token_type": "Bearer",
        }

    def holder(self, authorization: str | None) -> str | None:
        """Whose token a request brings, or None where it brings none; a 401 for a bad one."""
        if authorization is None:
            return None
        kind, _, token = authorization.partition(" ")
        known = self._tokens.get(token)
        email = self._elsewhere(token)
        if known and known.expires_at > self._now():
            email = known.email
        if kind != "Bearer" or email is None:
            raise ApiError(401, "authError", "Invalid Credentials")
        return email

    def _signer(self, assertion: str) -> str:
        """Who signed an assertion that is meant for Google's endpoint, and for storage."""
        try:
            head, _ = unverified(assertion)
            key = self._keys[head["kid"]]
            claims = key.private.verified(assertion)
        except (KeyError, ValueError) as error:
            raise InvalidGrant("Invalid JWT Signature.") from error
        if (claims.get("iss"), claims.get("aud")) != (key.email, AUDIENCE):
            raise InvalidGrant("Invalid JWT: it is another's, or meant for another server.")
        if not {_SCOPE + scope for scope in _SCOPES} & set(str(claims.get("scope")).split()):
            raise InvalidGrant("Invalid scope: none of them allows to write objects.")
        return key.email
