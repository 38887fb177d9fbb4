"""Google's page on which a person signs in and allows a program what it asks for.

The program's address brings them here, and the page sends them back to the program, which listens
on loopback, with a code or with `access_denied`
(https://developers.google.com/identity/protocols/oauth2/native-app).
"""

import re
from html import escape
from secrets import token_urlsafe
from urllib.parse import parse_qsl, urlencode

from emulators.google_api import Asked, GoogleError, Route
from emulators.google_grants import CLIENTS, Grants, OAuthError, Wish
from emulators.storage_answers import Answer

PATH = "/o/oauth2/auth"
_CONSENT = "/o/oauth2/consent"  # Google's own form has an address of no meaning
_OF_LOOPBACK = re.compile(r"http://(localhost|127\.0\.0\.1):\d+/?")
_CHALLENGE = re.compile(r"[\w-]{43}", re.ASCII)  # a SHA-256 in base64
_OFFERED = {"response_type": "code", "access_type": "offline", "code_challenge_method": "S256"}
_NEEDED = {"client_id", "redirect_uri", "scope", "state", "code_challenge", *_OFFERED}
_PAGE = """<!DOCTYPE html>
<title>Sign in with Google</title>
<h1>{client} wants to access your Google Account</h1>
<form method="post" action="{action}">
<ul>{scopes}</ul>
<input type="hidden" name="asked" value="{asked}">
<label>Email <input type="email" name="email"></label>
<button name="answer" value="allow">Allow</button>
<button name="answer" value="deny">Cancel</button>
</form>
"""


class SignIn:
    """The page, for the one person who has an account."""

    def __init__(self, grants: Grants, person: str) -> None:
        self._grants, self._person = grants, person
        self._shown: dict[str, Wish] = {}  # by what the form of a page names it

    def routes(self) -> list[Route]:
        """What is offered."""
        return [
            Route("oauth2", "authorization.get", "GET", PATH, self._show),
            Route("oauth2", "authorization.issue", "POST", _CONSENT, self._decide),
        ]

    def _show(self, asked: Asked) -> Answer:
        try:
            wish = _wish(asked.query)
        except OAuthError as error:
            return _refusal(error)
        name = token_urlsafe(12)
        self._shown[name] = wish
        scopes = "".join(f"<li>{escape(scope)}" for scope in wish.scope.split())
        client = CLIENTS[wish.client_id]
        return _page(_PAGE.format(client=client, action=_CONSENT, scopes=scopes, asked=name))

    def _decide(self, asked: Asked) -> Answer:
        form = dict(parse_qsl(asked.request.body.decode()))
        if form.get("email") != self._person:
            return _refusal(OAuthError("invalid_account", "Couldn't find your Google Account"))
        wish = self._shown.pop(form.get("asked", ""), None)
        if wish is None or form.get("answer") not in ("allow", "deny"):
            return _refusal(OAuthError("invalid_request", "This page is no longer valid"))
        if form["answer"] == "deny":
            return _back(wish, error="access_denied")
        return _back(wish, code=self._grants.code(wish, self._person), scope=wish.scope)


def _wish(query: dict[str, str]) -> Wish:
    """What a program asks for; GoogleError where it wants what the stand-in does not have."""
    if missing := sorted(_NEEDED - set(query)):
        raise OAuthError("invalid_request", f"Required parameter is missing: {missing[0]}")
    others = {name for name in query if _OFFERED.get(name, query[name]) != query[name]}
    if more := sorted(others | query.keys() - _NEEDED):
        raise GoogleError(501, f"the stand-in does not offer {', '.join(more)} at a sign-in")
    if query["client_id"] not in CLIENTS:
        raise OAuthError("invalid_client", "The OAuth client was not found.", 401)
    if not _OF_LOOPBACK.fullmatch(query["redirect_uri"]):
        raise OAuthError("redirect_uri_mismatch", "The redirect URI is not one of this client's")
    if not _CHALLENGE.fullmatch(query["code_challenge"]):
        raise OAuthError("invalid_request", "The code challenge is no SHA-256")
    told = {name: query[name] for name in ("client_id", "redirect_uri", "scope", "state")}
    return Wish(**told, challenge=query["code_challenge"])


def _back(wish: Wish, **told: str) -> Answer:
    """Send the person on to the program, with what it has to know."""
    address = f"{wish.redirect_uri}?{urlencode({'state': wish.state, **told})}"
    return Answer(302, headers={"Location": address})


def _refusal(error: OAuthError) -> Answer:
    """A page that nobody is sent on from: whoever asks may be another than it says."""
    text = f"<h1>Access blocked: {escape(error.description)}</h1>"
    return _page(f"{text}\n<p>Error {error.status}: {error.error}\n", error.status)


def _page(text: str, status: int = 200) -> Answer:
    return Answer(status, text.encode(), {"Content-Type": "text/html; charset=UTF-8"})
