"""Who calls: tokens of the person at gcloud, and of service accounts that come with their keys.

`/token` is the endpoint of OAuth 2.0: a refresh token or an assertion that an account's key has
signed is changed for an access token, or for an identity token where an audience is asked for
(https://developers.google.com/identity/protocols/oauth2/service-account).
"""

from secrets import token_urlsafe
from urllib.parse import parse_qsl

from emulators.google_accounts import Accounts
from emulators.google_api import Asked, GoogleError, Json, Route, json_answer
from emulators.google_signing import PrivateKey, unverified
from emulators.storage_answers import Answer
from emulators.storage_api import Request

_ISSUER = "https://accounts.google.com"
_VALID_SECONDS = 3599
GCLOUD = "32555940559.apps.googleusercontent.com"  # its client id, the audience of its tokens


class InvalidGrant(Exception):
    """What came in exchange for a token is not worth one."""


class Tokens:
    """The tokens that were given out, and the key that signs identities."""

    def __init__(self, accounts: Accounts, operator: str) -> None:
        self._accounts, self.operator = accounts, operator
        self.refresh_token = token_urlsafe(24)
        self.signer = PrivateKey()
        self._holders: dict[str, str] = {}  # by access token

    def routes(self) -> list[Route]:
        """What is offered."""
        return [Route("oauth2", "token.issue", "POST", "/token", self._issue)]

    def check(self, request: Request) -> None:
        """Raise unless the operator calls: no service account has rights in the control plane."""
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        holder = self.holder(token) if kind == "Bearer" else None
        if holder is None:
            raise GoogleError(401, "Request had invalid authentication credentials.")
        if holder != self.operator:
            raise GoogleError(403, "The caller does not have permission")

    def holder(self, token: str) -> str | None:
        """Whom an access token was given to."""
        return self._holders.get(token)

    def identity(self, email: str, audience: str) -> str:
        """A signed token that says who somebody is."""
        claims = {"email": email, "email_verified": True, "sub": email}
        return self.signer.signed({"iss": _ISSUER, "aud": audience, **claims}, _VALID_SECONDS)

    def _issue(self, asked: Asked) -> Json | Answer:
        form = dict(parse_qsl(asked.request.body.decode()))
        try:
            return self._exchanged(form)
        except InvalidGrant as error:
            told = {"error": "invalid_grant", "error_description": str(error)}
            return json_answer(told, 400)

    def _exchanged(self, form: dict[str, str]) -> Json:
        if form.get("grant_type") == "refresh_token":
            if form.get("refresh_token") != self.refresh_token:
                raise InvalidGrant("Bad Request")
            identity = self.identity(self.operator, GCLOUD)
            return {**self._access(self.operator), "id_token": identity}
        claims = self._claims(form.get("assertion", ""))
        if audience := claims.get("target_audience"):
            return {"id_token": self.identity(claims["iss"], audience)}
        return self._access(claims["iss"])

    def _claims(self, assertion: str) -> Json:
        """What an account says of itself, signed by a key that it still has."""
        try:
            head, claims = unverified(assertion)
            account = self._accounts.accounts[claims["iss"]]
            account.keys[head["kid"]].private.verified(assertion)
        except (KeyError, ValueError) as error:
            raise InvalidGrant("Invalid JWT Signature.") from error
        if account.is_disabled:
            raise InvalidGrant("Account disabled")
        return claims

    def _access(self, email: str) -> Json:
        token = f"ya29.{token_urlsafe(24)}"
        self._holders[token] = email
        return {"access_token": token, "expires_in": _VALID_SECONDS, "token_type": "Bearer"}
