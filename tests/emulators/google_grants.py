"""What a person granted to a program: a code that is worth something once, then a refresh token.

https://datatracker.ietf.org/doc/html/rfc6749#section-4.1.3 for codes, #section-5.2 for errors and
#section-6 for refreshing; https://datatracker.ietf.org/doc/html/rfc7636#section-4.6 for verifiers.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_urlsafe

GCLOUD = "32555940559.apps.googleusercontent.com"  # its client id, the audience of its tokens
# What application default credentials are asked for with, by all of Google's libraries.
LIBRARIES = "764086051850-6qr4p6gpi6hn506pt8ejuq83di341hur.apps.googleusercontent.com"
CLIENTS = {GCLOUD: "Google Cloud SDK", LIBRARIES: "Google Auth Library"}


class OAuthError(Exception):
    """A refusal of the authorization server; `error` is the word that its protocol has for it."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error, self.description, self.status = error, description, status


@dataclass(frozen=True)
class Wish:
    """What a program would like to be granted, and where it waits for the answer."""

    client_id: str
    redirect_uri: str
    scope: str
    state: str  # what it knows its own answers by
    challenge: str  # the digest of the verifier that comes with the code


@dataclass(frozen=True)
class Grant:
    """What was granted to a program; its secret is what it came with, the first time."""

    client_id: str
    client_secret: str
    email: str
    scope: str


class Grants:
    """All codes that were not used yet, and the grants that refresh tokens stand for."""

    def __init__(self) -> None:
        self._codes: dict[str, tuple[Wish, str]] = {}
        self._granted: dict[str, Grant] = {}  # by refresh token

    def code(self, wish: Wish, email: str) -> str:
        """A code for what somebody consents to."""
        code = f"4/{token_urlsafe(24)}"
        self._codes[code] = wish, email
        return code

    def redeem(self, form: Mapping[str, str]) -> tuple[str, Grant]:
        """The refresh token for a code, and what it stands for; right or wrong, once."""
        _check_client(form)
        wish, email = self._codes.pop(form.get("code", ""), (None, ""))
        if wish is None or wish.client_id != form["client_id"]:
            raise OAuthError("invalid_grant", "Malformed auth code.")
        if wish.redirect_uri != form.get("redirect_uri"):
            raise OAuthError("invalid_grant", "The redirect URI is another one.")
        if wish.challenge != challenge_of(form.get("code_verifier", "")):
            raise OAuthError("invalid_grant", "Invalid code verifier.")
        token = f"1//{token_urlsafe(24)}"
        self._granted[token] = Grant(wish.client_id, form["client_secret"], email, wish.scope)
        return token, self._granted[token]

    def renewed(self, form: Mapping[str, str]) -> Grant:
        """What a refresh token stands for, or the part of it that is asked for."""
        _check_client(form)
        grant = self._granted.get(form.get("refresh_token", ""))
        if grant is None or grant.client_id != form["client_id"]:
            raise OAuthError("invalid_grant", "Bad Request")
        if grant.client_secret != form["client_secret"]:
            raise OAuthError("invalid_client", "The provided client secret is invalid.", 401)
        scope = form.get("scope", grant.scope)
        if not {*scope.split()} <= {*grant.scope.split()}:
            raise OAuthError("invalid_scope", "Some requested scopes were not granted.")
        return Grant(grant.client_id, grant.client_secret, grant.email, scope)


def challenge_of(verifier: str) -> str:
    """The challenge of the method S256."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _check_client(form: Mapping[str, str]) -> None:
    if form.get("client_id") not in CLIENTS:
        raise OAuthError("invalid_client", "The OAuth client was not found.", 401)
    if not form.get("client_secret"):
        raise OAuthError("invalid_request", "client_secret is missing.")
