"""A stand-in for the metadata server, from which a program on Google's machines has its tokens.

There a service account needs no key: the platform says which account a program is
(https://cloud.google.com/compute/docs/metadata).
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Self

from emulators.storage_answers import Answer
from emulators.storage_api import Request
from emulators.storage_server import StorageServer

_FLAVOR = {"Metadata-Flavor": "Google"}
_ROOT = "/computeMetadata/v1/"
_ACCOUNTS = _ROOT + "instance/service-accounts"


class MetadataServer:
    """A running one, for a program that is the account `email`; `token` gives a new token."""

    def __init__(self, email: str, token: Callable[[], Mapping[str, Any]]) -> None:
        self._email, self._token = email, token
        self._server = StorageServer(0, lambda *_: False, self._answer)

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    @property
    def environment(self) -> dict[str, str]:
        """What leads Google's libraries here."""
        host = f"127.0.0.1:{self._server.server_port}"
        return {"GCE_METADATA_HOST": host, "GCE_METADATA_IP": host}

    def _answer(self, request: Request) -> Answer:
        path = "/" + "/".join(request.segments)
        if request.headers.get("Metadata-Flavor") != "Google" or request.method != "GET":
            return Answer(403, headers=_FLAVOR)
        if path == "/":
            return Answer(200, headers=_FLAVOR)
        if path == _ROOT + "project/project-id":
            return Answer(200, b"p1", {**_FLAVOR, "Content-Type": "application/text"})
        for name in ("default", self._email):
            if path == f"{_ACCOUNTS}/{name}/":
                return _json({"aliases": ["default"], "email": self._email, "scopes": []})
            if path == f"{_ACCOUNTS}/{name}/token":
                return _json(self._token())
        return Answer(404, headers=_FLAVOR)


def _json(told: Mapping[str, Any]) -> Answer:
    headers = {**_FLAVOR, "Content-Type": "application/json"}
    return Answer(200, json.dumps(told).encode(), headers)
