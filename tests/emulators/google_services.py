"""Service Usage, version 1: which services are enabled in the project.

https://cloud.google.com/service-usage/docs/reference/rest/v1/services
"""

from collections.abc import Iterable

from emulators.google_api import Asked, GoogleError, Json, Route
from emulators.google_projects import CREATED_WITH, Project

OFFERED = CREATED_WITH | {
    "artifactregistry.googleapis.com",
    "cloudbuild.googleapis.com",
    "cloudfunctions.googleapis.com",
    "cloudscheduler.googleapis.com",
    "containerregistry.googleapis.com",
    "eventarc.googleapis.com",
    "iam.googleapis.com",
    "iamcredentials.googleapis.com",
    "pubsub.googleapis.com",
    "run.googleapis.com",
    "secretmanager.googleapis.com",
}


class ServiceUsage:
    """The API; enabling ends at once."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def routes(self) -> list[Route]:
        """What it offers."""
        path, api = "/v1/projects/{project}/services", "serviceusage"
        return [
            Route(api, "services.list", "GET", path, self._list),
            Route(api, "services.get", "GET", path + "/{name}", self._get),
            Route(api, "services.enable", "POST", path + "/{name}:enable", self._enable),
            Route(api, "services.batchEnable", "POST", f"{path}:batchEnable", self._enable_batch),
            Route(api, "operations.get", "GET", "/v1/operations/{operation}", self._operation),
        ]

    def _list(self, asked: Asked) -> Json:
        wanted = asked.query.get("filter", "")
        if wanted not in ("", "state:ENABLED"):
            raise GoogleError(501, f"the stand-in does not offer the filter {wanted}")
        names = sorted(self._project.services if wanted else OFFERED)
        return {"services": [self._told(name) for name in names]}

    def _get(self, asked: Asked) -> Json:
        self._check([asked.names["name"]])
        return self._told(asked.names["name"])

    def _enable(self, asked: Asked) -> Json:
        return self._enabled([asked.names["name"]])

    def _enable_batch(self, asked: Asked) -> Json:
        return self._enabled(asked.body.get("serviceIds", []))

    def _enabled(self, names: list[str]) -> Json:
        self._check(names)
        self._project.services.update(names)
        name = f"operations/acat.p2-{self._project.number}-enabled"
        return {"name": name, "done": True, "response": {}}

    def _operation(self, asked: Asked) -> Json:
        return {"name": f"operations/{asked.names['operation']}", "done": True, "response": {}}

    def _check(self, names: Iterable[str]) -> None:
        if unknown := sorted(set(names) - OFFERED):
            message = f"Not found or permission denied for service(s): {', '.join(unknown)}."
            raise GoogleError(403, message)

    def _told(self, name: str) -> Json:
        return {
            "name": f"projects/{self._project.number}/services/{name}",
            "parent": f"projects/{self._project.number}",
            "config": {"name": name},
            "state": "ENABLED" if name in self._project.services else "DISABLED",
        }
