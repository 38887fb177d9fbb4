"""What all stand-ins for Google's control plane share: requests, routes, and Google's errors.

An API is a list of routes; what none of them fits is refused with a 501 that names it.
"""

import json
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from emulators.storage_answers import Answer
from emulators.storage_api import Request

Json = dict[str, Any]

_STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
}
_READING = ("get", "list", "access", "generate", "query", "issue", "upload", "test")
_VARIABLE = re.compile(r"\\{(\w+)\\}")


class GoogleError(Exception):
    """An answer that is an error; `status` is the word, where it is not the number's usual one."""

    def __init__(
        self, code: int, message: str, status: str = "", details: Iterable[Json] = ()
    ) -> None:
        super().__init__(message)
        self.code, self.message = code, message
        self.status = status or _STATUSES[code]
        self.details = list(details)

    @property
    def answer(self) -> Answer:
        """The error in the form in which Google tells one."""
        told: Json = {"code": self.code, "message": self.message, "status": self.status}
        if self.details:
            told["details"] = self.details
        return json_answer({"error": told}, self.code)


@dataclass(frozen=True)
class Asked:
    """A request that fits a route, with the names in its path."""

    request: Request
    names: dict[str, str]

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the address."""
        return self.request.query

    @property
    def body(self) -> Json:
        """The JSON body; none is an empty one."""
        try:
            told = json.loads(self.request.body or b"{}")
        except ValueError as error:
            raise GoogleError(400, "Invalid JSON payload received.") from error
        if not isinstance(told, dict):
            raise GoogleError(400, "Invalid JSON payload received. Root element must be a message.")
        return told

    @property
    def resource(self) -> str:
        """What it is about, without the API's version; of what is created, its name to be."""
        path = "/".join(self.request.segments[1:]).partition(":")[0]
        ids = [self.query[name] for name in ("secretId", "functionId") if name in self.query]
        with suppress(GoogleError):  # not every body is JSON
            ids += [self.body["accountId"]] if "accountId" in self.body else []
        return "/".join([path, *ids])


Act = Callable[[Asked], Json | Answer]


@dataclass(frozen=True)
class Route:
    """One method of an API, named as Google does: `secrets.versions.access`."""

    api: str
    method: str
    verb: str
    template: str  # of the path, with {names}
    act: Act
    service: str = ""  # that has to be enabled in the project, such as iam.googleapis.com
    waits: bool = False  # for something else, so others may go on meanwhile

    @property
    def changes(self) -> bool:
        """Whether it changes something where it succeeds."""
        return not self.method.rpartition(".")[2].startswith(_READING)

    def names(self, request: Request) -> dict[str, str] | None:
        """The names in a request's path; None where the route is another one."""
        if request.method != self.verb:
            return None
        pattern = _VARIABLE.sub(r"(?P<\1>[^/:]+)", re.escape(self.template))
        found = re.fullmatch(pattern, "/" + "/".join(request.segments))
        return found.groupdict() if found else None


def json_answer(resource: Json, status: int = 200) -> Answer:
    """A resource as an answer."""
    headers = {"Content-Type": "application/json; charset=UTF-8"}
    return Answer(status, json.dumps(resource).encode(), headers)


def as_answer(given: Json | Answer) -> Answer:
    """What a route gave, as an answer."""
    return given if isinstance(given, Answer) else json_answer(given)


def require_fields(given: Json, known: Iterable[str], where: str) -> None:
    """Raise a 501 where a message has fields that the stand-in would silently ignore."""
    filled = {name for name, value in given.items() if value not in ("", [], {}, None)}
    if more := sorted(filled - set(known)):
        raise GoogleError(501, f"the stand-in does not offer {', '.join(more)} in {where}")


def timestamp() -> str:
    """Now, as Google writes it."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
