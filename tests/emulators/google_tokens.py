"""Who calls: tokens of the person at gcloud, and of service accounts that come with their keys.

`/token` is the endpoint of OAuth 2.0: the code of a sign-in, a refresh token, or an assertion that
an account's key has signed is changed for an access token, or for an identity token where an
audience is asked for (https://developers.google.com/identity/protocols/oauth2/service-account).
"""

from secrets import token_urlsafe
from urllib.parse import parse_qsl

from emulators.google_accounts import Accounts
from emulators.google_api import Asked, GoogleError, Json, Route, json_answer
from emulators.google_grants import GCLOUD, Grant, Grants, OAuthError
from emulators.google_signing import PrivateKey, unverified
from emulators.storage_answers import Answer
from emulators.storage_api import Request

_ISSUER = "https://accounts.google.com"
_VALID_SECONDS = 3599


class Tokens:
    """The tokens that were given out, and the key that signs identities."""

    def __init__(self, accounts: Accounts, operator: str) -> None:
        self._accounts, self.operator = accounts, operator
        self.refresh_token = token_urlsafe(24)  # of the operator, who is signed in from the start
        self.grants = Grants()
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
        except OAuthError as error:
            told = {"error": error.error, "error_description": error.description}
            return json_answer(told, error.status)

    def _exchanged(self, form: dict[str, str]) -> Json:
        match form.get("grant_type"):
            case "authorization_code":
                token, grant = self.grants.redeem(form)
                return {**self._granted(grant), "refresh_token": token}
            case "refresh_token" if form.get("refresh_token") == self.refresh_token:
                identity = self.identity(self.operator, GCLOUD)
                return {**self._access(self.operator), "id_token": identity}
            case "refresh_token":
                return self._granted(self.grants.renewed(form))
            case "urn:ietf:params:oauth:grant-type:jwt-bearer":
                return self._asserted(self._claims(form.get("assertion", "")))
            case other:
                raise OAuthError("unsupported_grant_type", f"Invalid grant_type: {other}")

    def _granted(self, grant: Grant) -> Json:
        identity = self.identity(grant.email, grant.client_id)
        return {**self._access(grant.email), "scope": grant.scope, "id_token": identity}

    def _asserted(self, claims: Json) -> Json:
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
            raise OAuthError("invalid_grant", "Invalid JWT Signature.") from error
        if account.is_disabled:
            raise OAuthError("invalid_grant", "Account disabled")
        return claims

    def _access(self, email: str) -> Json:
        token = f"ya29.{token_urlsafe(24)}"
        self._holders[token] = email
        return {"access_token": token, "expires_in": _VALID_SECONDS, "token_type": "Bearer"}
