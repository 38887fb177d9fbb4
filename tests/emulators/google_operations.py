"""Long-running operations: work on a thread of its own, which whoever asks for it waits for.

Google answers such a question at once, and gcloud asks again a second later; here the answer
waits for the end of the work, so that a test does not.
"""

from collections.abc import Callable
from itertools import count
from threading import Thread

from emulators.google_api import Asked, GoogleError, Json, Route

_CODES = {"INVALID_ARGUMENT": 3, "NOT_FOUND": 5, "PERMISSION_DENIED": 7, "FAILED_PRECONDITION": 9}
_INTERNAL = 13
_KIND = "type.googleapis.com/google.cloud.functions.v2"


class Operation:
    """One piece of work; `error` is what ended it, where it failed."""

    def __init__(self, name: str, target: str, work: Callable[[], Json]) -> None:
        self.name, self.target = name, target
        self._work = work
        self._response: Json = {}
        self._error: Json = {}
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def wait(self) -> Json:
        """How it came out, once it has."""
        self._thread.join()
        told = {**self.told(), "done": True}
        return {**told, "error": self._error} if self._error else {**told, **self._result()}

    def told(self) -> Json:
        """The operation while it goes on."""
        metadata = {
            "@type": f"{_KIND}.OperationMetadata",
            "target": self.target,
            "apiVersion": "v2",
        }
        return {"name": self.name, "metadata": metadata}

    def _result(self) -> Json:
        return {"response": {"@type": f"{_KIND}.Function", **self._response}}

    def _run(self) -> None:
        try:
            self._response = self._work()
        except GoogleError as error:
            code = _CODES.get(error.status, _INTERNAL)
            self._error = {"code": code, "message": error.message}
        except Exception as error:  # noqa: BLE001 - a test's own code may run here: it is told of it
            self._error = {"code": _INTERNAL, "message": f"An unexpected error occurred: {error!r}"}


class Operations:
    """All that were begun."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._begun: dict[str, Operation] = {}

    def routes(self) -> list[Route]:
        """What is offered."""
        path = "/v2/projects/{project}/locations/{region}/operations/{operation}"
        return [Route("cloudfunctions", "operations.get", "GET", path, self._get, waits=True)]

    def begin(self, target: str, work: Callable[[], Json]) -> Json:
        """Start work about a resource, and tell of it."""
        where = target.partition("/functions/")[0]
        name = f"{where}/operations/operation-{next(self._numbers)}"
        self._begun[name] = Operation(name, target, work)
        return self._begun[name].told()

    def close(self) -> None:
        """Wait for all of them."""
        for operation in self._begun.values():
            operation.wait()

    def _get(self, asked: Asked) -> Json:
        name = asked.resource
        if name not in self._begun:
            raise GoogleError(404, f"Operation {name} was not found.")
        return self._begun[name].wait()
