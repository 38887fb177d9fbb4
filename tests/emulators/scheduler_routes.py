"""What a request to the Cloud Scheduler stand-in asks for, by its method and path."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from google.rpc.code_pb2 import Code

from emulators.scheduler_jobs import Refused
from emulators.scheduler_store import JobStore
from emulators.storage_api import Request

READING = ("certificates", "locations", "location", "list", "get")
CERTIFICATES = "oauth2/v1/certs"

_PROJECT, _PLACE = r"v1/(projects/[^/]+)", r"v1/(projects/[^/]+/locations/[^/]+)"
_JOB = r"v1/(projects/[^/]+/locations/[^/]+/jobs/[^/:]+)"
_ROUTES = (
    ("GET", rf"()({CERTIFICATES})", "certificates"),
    ("GET", rf"{_PROJECT}/locations", "locations"),
    ("GET", _PLACE, "location"),
    ("GET", rf"{_PLACE}/jobs", "list"),
    ("POST", rf"{_PLACE}/jobs", "create"),
    ("GET", _JOB, "get"),
    ("PATCH", _JOB, "patch"),
    ("DELETE", _JOB, "delete"),
    ("POST", rf"{_JOB}:pause", "pause"),
    ("POST", rf"{_JOB}:resume", "resume"),
    ("POST", rf"{_JOB}:run", "run"),
)


@dataclass(frozen=True)
class Operation:
    """The verb, and what it is about: a job, or where jobs lie."""

    verb: str
    name: str


def resolve(request: Request) -> Operation:
    """Say what a request asks for; what is not offered is of the verb "unknown"."""
    path = "/".join(request.segments)
    for method, pattern, verb in _ROUTES:
        if request.method == method and (found := re.fullmatch(pattern, path)):
            return Operation(verb, found[1])
    return Operation("unknown", f"{request.method} /{path}")


def perform(operation: Operation, request: Request, store: JobStore) -> dict[str, Any]:
    """Do what was asked for."""
    if operation.verb not in _ACTS:
        message = f"the stand-in does not offer {operation.name}"
        raise Refused(501, Code.UNIMPLEMENTED, message)
    return _ACTS[operation.verb](store, operation.name, request)


_ACTS: dict[str, Callable[[JobStore, str, Request], dict[str, Any]]] = {
    "locations": lambda store, name, _: store.locations(name),
    "location": lambda store, name, _: store.location(name),
    "list": lambda store, name, request: store.page(name, request.query),
    "create": lambda store, name, request: store.create(name, _read(request)),
    "get": lambda store, name, _: store.get(name),
    "patch": lambda store, name, request: store.patch(
        name, _read(request), request.query.get("updateMask", "")
    ),
    "delete": lambda store, name, _: store.delete(name),
    "pause": lambda store, name, _: store.pause(name),
    "resume": lambda store, name, _: store.resume(name),
    "run": lambda store, name, _: store.run(name),
}


def _read(request: Request) -> object:
    try:
        return json.loads(request.body)
    except ValueError as error:
        raise Refused(400, Code.INVALID_ARGUMENT, "Invalid JSON payload received.") from error
