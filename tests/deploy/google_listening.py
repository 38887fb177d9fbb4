"""What a step of the set-up tells, and a function that somebody has changed by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from deploy.google_project import PROJECT, GoogleProject
from google_cloud.function import Deployed
from google_cloud.gcloud import Gcloud

FUNCTION = "projects/your-project/locations/us-central1/functions/btc-backup"


@dataclass
class Listening(Gcloud):
    """gcloud, with what it tells."""

    told: list[str] = field(default_factory=list)

    @property
    def shown(self) -> str:
        """All of it."""
        return "\n".join(self.told)


@contextmanager
def deployed(project: GoogleProject, gcloud: Listening, change: Any) -> Iterator[Deployed | None]:
    """The function as it is found after a change by hand."""
    before = deepcopy(project.cloud.functions)
    change(project.cloud.functions)
    try:
        yield Deployed.find(gcloud, project.settings())
    finally:
        project.cloud.functions.clear()
        project.cloud.functions.update(before)


def by_hand(functions: dict[str, Any]) -> None:
    """Deployed by somebody, with variables and a secret of his own."""
    function = functions[FUNCTION]
    function["labels"] = {"deployment-tool": "cli-gcloud"}
    service = function["serviceConfig"]
    service["environmentVariables"] |= {"COLOUR": "blue", "TARGETS": ""}
    service["secretEnvironmentVariables"] += [
        {"key": "PIN", "projectId": PROJECT, "secret": "own-pin", "version": "latest"}
    ]
