"""The address of one Cloud Run service: it lets through who may invoke it, and nobody else.

A request needs an identity token that was made for this address
(https://cloud.google.com/run/docs/authenticating/service-to-service).
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from email.message import Message
from time import monotonic

import requests
from urllib3.exceptions import HTTPError

from emulators.google_grants import GCLOUD
from emulators.google_tokens import Tokens
from emulators.storage_answers import Answer
from emulators.storage_api import Request
from emulators.storage_server import StorageServer

_HOP_BY_HOP = {"connection", "content-length", "date", "server", "transfer-encoding"}
_LONGEST_SECONDS = 3600


@dataclass
class Invocation:
    """A request that was let through to the container; `status` is None until it is answered."""

    headers: Message
    body: bytes
    began: float = field(default_factory=monotonic)
    ended: float | None = None
    status: int | None = None
    answer: bytes = b""

    def end(self, answer: Answer) -> None:
        """Note how it was answered."""
        self.answer, self.status, self.ended = answer.body, answer.status, monotonic()


class ServiceFront:
    """A running address; `may_invoke` is asked of all members that a caller is.

    What it lets through it notes in `invocations`, in the order of their beginnings.
    """

    def __init__(
        self,
        tokens: Tokens,
        may_invoke: Callable[[Collection[str]], bool],
        invocations: list[Invocation],
    ) -> None:
        self._tokens, self._may_invoke = tokens, may_invoke
        self._invocations = invocations
        self.upstream = ""  # where the container of the day listens
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy stands between us and loopback
        self._server = StorageServer(0, lambda *_: False, self._answer)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._server.start()

    def close(self) -> None:
        """Stop: no thread and no socket remains."""
        self._server.close()
        self._session.close()

    def _answer(self, request: Request) -> Answer:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        try:
            members = self._members(token) if kind.lower() == "bearer" else {"allUsers"}
        except ValueError:
            return _refusal(401, "Unauthorized")
        if not self._may_invoke(members):
            return _refusal(403, "Forbidden")
        invocation = Invocation(request.headers, request.body)
        self._invocations.append(invocation)
        answer = self._forwarded(request)
        invocation.end(answer)
        return answer

    def _members(self, token: str) -> set[str]:
        """Who the holder of a token is; ValueError where it was not made for this address."""
        claims = self._tokens.signer.verified(token)
        if claims["aud"] not in (self.url, GCLOUD):
            raise ValueError(f"the token was made for {claims['aud']}")
        email = claims["email"]
        return {"allUsers", "allAuthenticatedUsers", f"serviceAccount:{email}", f"user:{email}"}

    def _forwarded(self, request: Request) -> Answer:
        """What the container answers; of one that ends in the middle, Cloud Run tells by itself.

        https://cloud.google.com/run/docs/troubleshooting: a 503.
        """
        try:
            got = self._passed_on(request)
            told = {
                name: value
                for name, value in got.headers.items()
                if name.lower() not in _HOP_BY_HOP
            }
            return Answer(got.status_code, got.raw.read(), told)
        except (requests.ConnectionError, HTTPError):
            return _refusal(503, "Service Unavailable")

    def _passed_on(self, request: Request) -> requests.Response:
        return self._session.request(
            request.method,
            self.upstream + request.target,
            data=request.body,
            headers=dict(request.headers.items()),
            timeout=_LONGEST_SECONDS,
            allow_redirects=False,
            stream=True,
        )


def _refusal(status: int, word: str) -> Answer:
    page = f"<html><h1>Error: {word}</h1></html>"
    return Answer(status, page.encode(), {"Content-Type": "text/html; charset=UTF-8"})
