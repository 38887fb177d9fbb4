"""Cloud Run, version 1: the services behind functions, and who may invoke them.

A function's service is named after it, and begins with a policy that lets nobody in
(https://cloud.google.com/run/docs/reference/rest/v1/projects.locations.services).
"""

from collections.abc import Callable, Collection

from emulators.google_api import Asked, GoogleError, Json, Route
from emulators.google_deployment import Deployment
from emulators.google_front import Invocation, ServiceFront
from emulators.google_policies import Policies
from emulators.google_projects import Project
from emulators.google_tokens import Tokens

_INVOKERS = ("roles/run.invoker", "roles/run.developer", "roles/run.admin", "roles/owner")


class Run:
    """The services of a project by their whole names; `serve` starts what is deployed."""

    def __init__(
        self,
        project: Project,
        policies: Policies,
        tokens: Tokens,
        serve: Callable[[Deployment], str] | None,
    ) -> None:
        self._project, self._policies, self._tokens = project, policies, tokens
        self._serve = serve
        self.invocations: list[Invocation] = []  # of all services
        self._services: dict[str, ServiceFront | None] = {}

    def routes(self) -> list[Route]:
        """What is offered."""
        path, api = "/v1/projects/{project}/locations/{region}/services/{name}", "run"
        get, put, service = f"{path}:getIamPolicy", f"{path}:setIamPolicy", "run.googleapis.com"
        return [
            Route(api, "services.getIamPolicy", "GET", get, self._policy, service),
            Route(api, "services.setIamPolicy", "POST", put, self._set_policy, service),
        ]

    def name_of(self, region: str, function: str) -> str:
        """The service of a function."""
        short = function.lower().replace("_", "-")
        return f"{self._project.resource}/locations/{region}/services/{short}"

    def start(self, deployment: Deployment) -> str:
        """Serve what is deployed, and return the address, which stays the same."""
        name = self.name_of(deployment.region, deployment.name)
        if self._serve is None:
            self._services[name] = None
            short = name.rpartition("/")[2]
            return f"https://{short}-{self._project.number}.{deployment.region}.run.app"
        upstream = self._serve(deployment)
        front = self._services.get(name) or self._front(name)
        self._services[name], front.upstream = front, upstream.rstrip("/")
        return front.url

    def stop(self, name: str) -> None:
        """Take a service away, with its policy."""
        self._policies.forget(name)
        if front := self._services.pop(name, None):
            front.close()

    def close(self) -> None:
        """Stop all of them."""
        for name in list(self._services):
            self.stop(name)

    def _front(self, name: str) -> ServiceFront:
        def may_invoke(members: Collection[str]) -> bool:
            return self._may_invoke(name, members)

        return ServiceFront(self._tokens, may_invoke, self.invocations)

    def _may_invoke(self, name: str, members: Collection[str]) -> bool:
        return any(
            self._policies.allows(resource, role, member)
            for resource in (name, self._project.resource)
            for role in _INVOKERS
            for member in members
        )

    def _policy(self, asked: Asked) -> Json:
        return self._policies.get(self._find(asked))

    def _set_policy(self, asked: Asked) -> Json:
        return self._policies.set(self._find(asked), asked.body)

    def _find(self, asked: Asked) -> str:
        region, short = asked.names["region"], asked.names["name"]
        name = self.name_of(region, short)
        if name not in self._services:
            where = f"in region '{region}' in project '{self._project.id}'"
            message = f"Resource '{short}' of kind 'SERVICE' {where} does not exist."
            raise GoogleError(404, message)
        return name
