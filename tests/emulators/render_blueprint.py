"""A service of the platform stand-in as a Blueprint describes it, so that nothing is said twice."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from emulators.render_service import Service
from processes import ROOT

BLUEPRINT = ROOT / "deploy" / "render.yaml"


def described_service(text: str | None = None) -> dict[str, Any]:
    """The one service of a Blueprint, by default of ours."""
    told: dict[str, Any] = yaml.safe_load(text or BLUEPRINT.read_text())
    service: dict[str, Any]
    (service,) = told["services"]
    return service


def set_variables(told: Mapping[str, Any]) -> dict[str, str]:
    """The environment variables that have their value in the Blueprint."""
    return {one["key"]: str(one["value"]) for one in told["envVars"] if "value" in one}


def deploying(told: Mapping[str, Any], paths: Iterable[str]) -> list[str]:
    """Of these files those that deploy the service when they change; a folder is `folder/**`."""

    def is_named(path: str) -> bool:
        folders = [one.removesuffix("**") for one in filters if one.endswith("/**")]
        return path in filters or path.startswith(tuple(folders))

    filters: list[str] = told["buildFilter"]["paths"]
    return sorted(filter(is_named, paths))


def service_from(
    told: Mapping[str, Any], source: Path, environment: Mapping[str, str], **changed: Any
) -> Service:
    """What the platform makes of it; `environment` is what a person adds to the Blueprint's own."""
    described = {
        "start_command": told["startCommand"],
        "pre_deploy_command": told.get("preDeployCommand"),
        "environment": set_variables(told) | dict(environment),
        "health_check_path": told.get("healthCheckPath"),
        "max_shutdown_delay_seconds": told.get("maxShutdownDelaySeconds", 30),
        "is_free": told.get("plan") == "free",
        "name": told["name"],
    }
    return Service(source, **described | changed)
