"""The bucket: private for good, what is deleted stays a while, old chunks become cheaper.

Only its place cannot be changed later, so that alone is told and left.
"""

import json
from typing import Any

from deploy_settings import ROOT, DeploySettings
from google_cloud.gcloud import Gcloud
from shared.errors import BadSettings

LIFECYCLE_FILE = "deploy/lifecycle.json"  # from the repository's root, where gcloud starts
NO_RULES = "--clear-lifecycle"  # because a file without a rule would change nothing
DAY = 86_400  # seconds


def bring_bucket(gcloud: Gcloud, settings: DeploySettings, project_number: str) -> None:
    """Make it, or change what differs.

    Raises:
        BadSettings: it is somebody else's.
    """
    address = f"gs://{settings.gcs_bucket_name}"
    found = gcloud.find("storage", "buckets", "describe", address, "--raw")
    if found is None:
        flags = [flag for _, flag in _wanted(settings).values() if flag != NO_RULES]
        place = f"--location={settings.gcp_region}"
        gcloud.change("storage", "buckets", "create", address, place, *flags)
        return
    _refuse_foreign(found, settings, project_number)
    if found["location"].lower() != settings.gcp_region:
        gcloud.tell(
            f"  ! it lies in {found['location'].lower()}, the function in {settings.gcp_region}: "
            "traffic between the two is billed"
        )
    has = _has(found)
    differing = [flag for key, (value, flag) in _wanted(settings).items() if has[key] != value]
    if differing:
        gcloud.change("storage", "buckets", "update", address, *differing)


def _wanted(settings: DeploySettings) -> dict[str, tuple[Any, str]]:
    """What a bucket should be, each with the flag that makes it so."""
    days = settings.soft_delete_days
    rules = json.loads((ROOT / LIFECYCLE_FILE).read_text())["rule"]
    return {
        "uniform": (True, "--uniform-bucket-level-access"),
        "prevention": ("enforced", "--public-access-prevention"),
        "soft delete": (days * DAY, f"--soft-delete-duration={days}d"),
        "lifecycle": (rules, f"--lifecycle-file={LIFECYCLE_FILE}" if rules else NO_RULES),
    }


def _has(found: dict[str, Any]) -> dict[str, Any]:
    """The same of a bucket as the API shows it."""
    access = found.get("iamConfiguration", {})
    kept = found.get("softDeletePolicy", {}).get("retentionDurationSeconds", 0)
    return {
        "uniform": access.get("uniformBucketLevelAccess", {}).get("enabled", False),
        "prevention": access.get("publicAccessPrevention", "inherited"),
        "soft delete": int(kept),
        "lifecycle": found.get("lifecycle", {}).get("rule", []),
    }


def _refuse_foreign(found: dict[str, Any], settings: DeploySettings, project_number: str) -> None:
    if str(found.get("projectNumber")) != project_number:
        raise BadSettings(
            f"GCS_BUCKET_NAME: gs://{settings.gcs_bucket_name} belongs to the project number "
            f"{found.get('projectNumber')}, expected {project_number}, "
            f"which is {settings.gcp_project_id}",
            name="GCS_BUCKET_NAME",
            hint="Choose another name: nobody in the world may have it",
        )
