"""Cloud Run, version 1: the services behind functions, and who may call them.

A request to a service needs an identity token that was made for its address, of a member that may
invoke it (https://cloud.google.com/run/docs/authenticating/service-to-service).
"""

from collections.abc import Callable
from urllib.parse import urlsplit

import requests

from emulators.google_api import Asked, GoogleError, Json, Route
from emulators.google_deployment import Deployment
from emulators.google_policies import Policies
from emulators.google_projects import Project
from emulators.google_tokens import GCLOUD, Tokens
from emulators.storage_answers import Answer
from emulators.storage_api import Request
from emulators.storage_server import StorageServer

_INVOKERS = ("roles/run.invoker", "roles/run.admin", "roles/owner", "roles/editor")
_HOP_BY_HOP = {"connection", "content-length", "date", "server", "transfer-encoding"}
_LONGEST_SECONDS = 3600


class Service:
    """The address of one service, which lets through who may invoke it."""

    def __init__(self, may_invoke: Callable[[str, str], bool]) -> None:
        self._may_invoke = may_invoke  # the token, and the address that it has to be made for
        self.upstream = ""
        self._server = StorageServer(0, lambda *_: False, self._answer)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy stands between us and loopback
        self._server.start()

    def close(self) -> None:
        """Stop: no thread and no socket remains."""
        self._server.close()
        self._session.close()

    def _answer(self, request: Request) -> Answer:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if not self._may_invoke(token if kind.lower() == "bearer" else "", self.url):
            return Answer(403, b"<h1>Error: Forbidden</h1>", {"Content-Type": "text/html"})
        address = self.upstream + request.target
        headers = {**dict(request.headers.items()), "Host": urlsplit(self.url).netloc}
        got = self._session.request(
            request.method,
            address,
            data=request.body,
            headers=headers,
            timeout=_LONGEST_SECONDS,
            allow_redirects=False,
            stream=True,
        )
        told = {
            name: value for name, value in got.headers.items() if name.lower() not in _HOP_BY_HOP
        }
        return Answer(got.status_code, got.raw.read(), told)


class Run:
    """The services of a project by their whole names."""

    def __init__(
        self,
        project: Project,
        policies: Policies,
        tokens: Tokens,
        serve: Callable[[Deployment], str] | None,
    ) -> None:
        self._project, self._policies, self._tokens = project, policies, tokens
        self._serve = serve
        self._services: dict[str, Service | None] = {}

    def routes(self) -> list[Route]:
        """What is offered."""
        path = "/v1/projects/{project}/locations/{region}/services/{name}"
        get, put, api = f"{path}:getIamPolicy", f"{path}:setIamPolicy", "run.googleapis.com"
        return [
            Route("run", "services.getIamPolicy", "GET", get, self._policy, api),
            Route("run", "services.setIamPolicy", "POST", put, self._set_policy, api),
        ]

    def start(self, deployment: Deployment) -> str:
        """Serve what is deployed, and return the address, which stays the same for ever."""
        short = deployment.name.lower().replace("_", "-")
        name = f"{self._project.resource}/locations/{deployment.region}/services/{short}"
        if self._serve is None:
            self._services[name] = None
            return f"https://{short}-{self._project.number}.{deployment.region}.run.app"
        upstream = self._serve(deployment)
        service = self._services.get(name) or Service(self._gate(name))
        self._services[name], service.upstream = service, upstream.rstrip("/")
        return service.url

    def stop(self, name: str) -> None:
        """Take a service away, with its policy."""
        self._policies.forget(name)
        if service := self._services.pop(name, None):
            service.close()

    def close(self) -> None:
        """Stop all of them."""
        for name in list(self._services):
            self.stop(name)

    def _gate(self, name: str) -> Callable[[str, str], bool]:
        return lambda token, url: self._may_invoke(name, token, url)

    def _may_invoke(self, name: str, token: str, url: str) -> bool:
        members = {"allUsers"}
        try:
            claims = self._tokens.signer.verified(token) if token else {}
        except ValueError:
            return False
        if claims.get("aud") in (url, GCLOUD):
            members |= {f"{kind}:{claims['email']}" for kind in ("serviceAccount", "user")}
        resources = name, self._project.resource
        return any(
            self._policies.allows(resource, role, member)
            for resource in resources
            for role in _INVOKERS
            for member in members
        )

    def _policy(self, asked: Asked) -> Json:
        return self._policies.get(self._name(asked))

    def _set_policy(self, asked: Asked) -> Json:
        return self._policies.set(self._name(asked), asked.body)

    def _name(self, asked: Asked) -> str:
        names = asked.names
        name = f"{self._project.resource}/locations/{names['region']}/services/{names['name']}"
        if name not in self._services:
            where = f"in region '{names['region']}' in project '{self._project.id}'"
            message = f"Resource '{names['name']}' of kind 'SERVICE' {where} does not exist."
            raise GoogleError(404, message)
        return name
