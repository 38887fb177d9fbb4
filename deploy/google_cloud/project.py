"""The project itself: that it is there, the services that it needs, and its log of accesses."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from deploy_settings import DeploySettings
from google_cloud.gcloud import Gcloud
from shared.errors import BadSettings

SERVICES = (
    "artifactregistry.googleapis.com",  # keeps what is built
    "cloudbuild.googleapis.com",  # builds the function
    "cloudfunctions.googleapis.com",
    "cloudresourcemanager.googleapis.com",  # the project's own policy
    "cloudscheduler.googleapis.com",
    "iam.googleapis.com",
    "logging.googleapis.com",
    "run.googleapis.com",  # runs it
    "secretmanager.googleapis.com",
    "storage.googleapis.com",
)
STORAGE = "storage.googleapis.com"
# https://cloud.google.com/logging/docs/audit/configure-data-access: who looked, and who wrote.
LOG_TYPES = ("DATA_READ", "DATA_WRITE")


def project_number(gcloud: Gcloud, settings: DeploySettings) -> str:
    """Of the project that the settings name.

    Raises:
        BadSettings: it is being deleted.
    """
    found = gcloud.find("projects", "describe", settings.gcp_project_id)
    if not found or found["lifecycleState"] != "ACTIVE":
        state = found["lifecycleState"] if found else "no such project"
        raise BadSettings(
            f"GCP_PROJECT_ID: {settings.gcp_project_id} is not in use: {state}",
            name="GCP_PROJECT_ID",
            hint="https://console.cloud.google.com/projectcreate",
        )
    return str(found["projectNumber"])


def enable_services(gcloud: Gcloud) -> None:
    """Those that are not enabled yet; from then on what Google refuses for want of one is early."""
    enabled = enabled_services(gcloud)
    if missing := [service for service in SERVICES if service not in enabled]:
        gcloud.change("services", "enable", *missing, takes="up to two minutes")
    # A run before this one may have made the last change a moment ago, and was cut off.
    gcloud.is_settling = not gcloud.dry_run


def enabled_services(gcloud: Gcloud) -> set[str]:
    """All that the project uses."""
    found = gcloud.find("services", "list", "--enabled") or []
    return {service["config"]["name"] for service in found}


def log_accesses(gcloud: Gcloud, settings: DeploySettings) -> None:
    """Have Google log who reads and writes objects, where AUDIT_LOGS wants that.

    Where it does not, the project stays as it is: others may want its logs.
    """
    if not settings.audit_logs:
        return
    policy = gcloud.find("projects", "get-iam-policy", settings.gcp_project_id) or {}
    if not _add_log_types(policy):
        return
    with TemporaryDirectory() as folder:
        file = Path(folder) / "policy.json"
        file.write_text(json.dumps(policy))
        gcloud.tell(f"    with {' and '.join(LOG_TYPES)} of {STORAGE} among its auditConfigs")
        gcloud.change("projects", "set-iam-policy", settings.gcp_project_id, str(file))


def _add_log_types(policy: dict[str, Any]) -> bool:
    """Whether something was missing in the policy's auditConfigs, which then is there."""
    configs = policy.setdefault("auditConfigs", [])
    of_storage = next((one for one in configs if one["service"] == STORAGE), None)
    if of_storage is None:
        of_storage = {"service": STORAGE, "auditLogConfigs": []}
        configs.append(of_storage)
    logged = of_storage.setdefault("auditLogConfigs", [])
    there = {one["logType"] for one in logged}
    missing = [kind for kind in LOG_TYPES if kind not in there]
    logged.extend({"logType": kind} for kind in missing)
    return bool(missing)
