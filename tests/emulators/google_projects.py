"""The one project that exists, its services, and who may do what in it.

Of any other project Google says the same as of one that is forbidden (403). A method of a service
that is not enabled answers 403 with the reason SERVICE_DISABLED.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from emulators.google_api import Asked, GoogleError, Json, Route, timestamp
from emulators.google_policies import Policies

CREATED_WITH = frozenset(  # what a new project comes with, as far as it matters here
    {
        "bigquery.googleapis.com",
        "cloudapis.googleapis.com",
        "cloudresourcemanager.googleapis.com",
        "logging.googleapis.com",
        "monitoring.googleapis.com",
        "servicemanagement.googleapis.com",
        "serviceusage.googleapis.com",
        "storage-api.googleapis.com",
        "storage-component.googleapis.com",
        "storage.googleapis.com",
    }
)
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


@dataclass
class Project:
    """A project; the services are those that are enabled."""

    id: str
    number: str
    services: set[str] = field(default_factory=lambda: set(CREATED_WITH))
    created_at: str = field(default_factory=timestamp)

    @property
    def resource(self) -> str:
        """Its name, under which its policy is kept."""
        return f"projects/{self.id}"

    def check(self, name: str) -> None:
        """Raise a 403 unless the name is this project's id or number."""
        if name not in (self.id, self.number):
            message = (
                f"The caller does not have permission on projects/{name} (or it may not exist)"
            )
            raise GoogleError(403, message)

    def check_enabled(self, service: str) -> None:
        """Raise what Google answers to a call of a service that is not enabled."""
        if service and service not in self.services:
            raise service_disabled(service, self.number)


def service_disabled(service: str, number: str) -> GoogleError:
    """The error of a method whose service is not enabled in the project of this number."""
    page = f"https://console.developers.google.com/apis/api/{service}/overview?project={number}"
    return GoogleError(
        403,
        f"{service} API has not been used in project {number} before or it is disabled. Enable it"
        f" by visiting {page} then retry. If you enabled this API recently, wait a few minutes for"
        " the action to propagate to our systems and retry.",
        details=[
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "SERVICE_DISABLED",
                "domain": "googleapis.com",
                "metadata": {"service": service, "consumer": f"projects/{number}"},
            }
        ],
    )


class ResourceManager:
    """Cloud Resource Manager, version 1: the project and its policy."""

    def __init__(self, project: Project, policies: Policies) -> None:
        self._project, self._policies = project, policies

    def routes(self) -> list[Route]:
        """What it offers."""
        path, api = "/v1/projects/{project}", "cloudresourcemanager"
        return [
            Route(api, "projects.get", "GET", path, self._get),
            Route(api, "projects.getIamPolicy", "POST", f"{path}:getIamPolicy", self._get_policy),
            Route(api, "projects.setIamPolicy", "POST", f"{path}:setIamPolicy", self._set_policy),
        ]

    def _get(self, _: Asked) -> Json:
        return {
            "projectNumber": self._project.number,
            "projectId": self._project.id,
            "lifecycleState": "ACTIVE",
            "name": self._project.id,
            "createTime": self._project.created_at,
        }

    def _get_policy(self, _: Asked) -> Json:
        return self._policies.get(self._project.resource)

    def _set_policy(self, asked: Asked) -> Json:
        return self._policies.set(self._project.resource, asked.body)


class ServiceUsage:
    """Service Usage, version 1: which services are enabled."""

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
