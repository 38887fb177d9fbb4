"""Where each request to the storage fake leads, and on whose behalf it is performed."""

from collections.abc import Iterable
from urllib.parse import parse_qsl, urlsplit

from emulators.storage_access import Access, Caller
from emulators.storage_accounts import InvalidGrant, StorageAccounts
from emulators.storage_answers import Answer, error_answer, json_answer
from emulators.storage_api import Api, Operation, Request
from emulators.storage_conditions import ApiError


class Routes:
    """All that the fake offers."""

    def __init__(self, apis: Iterable[Api], accounts: StorageAccounts, access: Access) -> None:
        self._apis = tuple(apis)
        self._accounts, self._access = accounts, access
        self._url = ""

    def serve_at(self, url: str) -> None:
        """Say where the links in the answers lead."""
        self._url = url
        for api in self._apis:
            api.url = url

    @property
    def token_uri(self) -> str:
        """Where keys are changed for tokens."""
        return f"{self._url}/token"

    def resolve(self, request: Request) -> Operation:
        """Say what a request asks for; one that cannot be read is of the verb "unknown"."""
        try:
            return self._resolve(request)
        except ApiError as error:
            answer = error_answer(error)
            return Operation("unknown", "", "", lambda _: answer)

    def perform(self, operation: Operation, request: Request) -> Answer:
        """Do what was asked, if whoever asks may do that."""
        try:
            email = self._accounts.holder(request.headers.get("Authorization"))
            return operation.act(Caller(email, self._access))
        except ApiError as error:
            return error_answer(error)

    def _resolve(self, request: Request) -> Operation:
        if (request.method, request.segments) == ("POST", ["token"]):
            return Operation("token", "", "", lambda _: self._token(request))
        for api in self._apis:
            if found := api.resolve(request):
                return found
        path = urlsplit(request.target).path
        message = f"the storage fake does not offer {request.method} {path}"
        raise ApiError(501, "notImplemented", message)

    def _token(self, request: Request) -> Answer:
        form = dict(parse_qsl(request.body.decode()))
        try:
            return json_answer(self._accounts.exchange(form))
        except InvalidGrant as error:
            told = {"error": "invalid_grant", "error_description": str(error)}
            return json_answer(told, 400)
