"""Cloud Resource Manager, version 1: the one project that exists, and its policy.

Of any other project Google says the same as of one that is forbidden (403). A method of a service
that is not enabled answers 403 with the reason SERVICE_DISABLED.
"""

from dataclasses import dataclass, field

from emulators.google_api import Asked, GoogleError, Json, Route, require_fields, timestamp
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

# What gcloud asks of whoever is to be billed; each of these roles has it.
_USE = "serviceusage.services.use"
_USING = ("roles/owner", "roles/editor", "roles/serviceusage.serviceUsageConsumer")


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

    @property
    def own_account(self) -> str:
        """The account that Google makes, and takes where none is named."""
        return f"{self.number}-compute@developer.gserviceaccount.com"

    def check(self, name: str) -> None:
        """Raise a 403 unless the name is this project's id or number."""
        if name not in (self.id, self.number):
            raise GoogleError(403, "The caller does not have permission")

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
    """The API in front of the project; its caller is always the operator."""

    def __init__(self, project: Project, policies: Policies, operator: str) -> None:
        self._project, self._policies, self._operator = project, policies, operator

    def routes(self) -> list[Route]:
        """What it offers."""
        path, api = "/v1/projects/{project}", "cloudresourcemanager"
        of_policy = {
            "getIamPolicy": self._get_policy,
            "setIamPolicy": self._set_policy,
            "testIamPermissions": self._test,
        }
        return [
            Route(api, "projects.get", "GET", path, self._get),
            *(
                Route(api, f"projects.{name}", "POST", f"{path}:{name}", act)
                for name, act in of_policy.items()
            ),
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

    def _test(self, asked: Asked) -> Json:
        require_fields(asked.body, ("permissions",), "testIamPermissions")
        if (wanted := asked.body.get("permissions")) != [_USE]:
            raise GoogleError(501, f"the stand-in does not offer to test {wanted}, only {_USE}")
        resource, member = self._project.resource, f"user:{self._operator}"
        may = any(self._policies.allows(resource, role, member) for role in _USING)
        return {"permissions": [_USE]} if may else {}
