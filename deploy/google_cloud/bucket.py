"""The bucket: private for good, what is deleted stays a while, old chunks become cheaper.

Only its place cannot be changed later, so that alone is told and left.
"""

import json
from collections.abc import Iterator
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
    refuse_foreign(found, settings, project_number)
    if found["location"].lower() != settings.gcp_region:
        gcloud.tell(
            f"  ! it lies in {found['location'].lower()}, the function in {settings.gcp_region}: "
            "traffic between the two is billed"
        )
    for remark in _remarks(found):
        gcloud.tell(f"  ! {remark}")
    has, wanted = _has(found), _wanted(settings)
    if has["lifecycle"] and has["lifecycle"] != wanted["lifecycle"][0]:
        gcloud.tell(f"  ! its lifecycle had other rules, which go: {json.dumps(has['lifecycle'])}")
    differing = [flag for key, (value, flag) in wanted.items() if has[key] != value]
    if differing:
        gcloud.change("storage", "buckets", "update", address, *differing)


def _wanted(settings: DeploySettings) -> dict[str, tuple[Any, str]]:
    """What a bucket should be, each with the flag that makes it so."""
    days = settings.soft_delete_days
    rules = _rules()
    return {
        "uniform": (True, "--uniform-bucket-level-access"),
        "prevention": ("enforced", "--public-access-prevention"),
        "soft delete": (days * DAY, f"--soft-delete-duration={days}d"),
        "lifecycle": (rules, f"--lifecycle-file={LIFECYCLE_FILE}" if rules else NO_RULES),
    }


def _rules() -> list[Any]:
    """Of the file, which is meant to be edited."""
    try:
        rules = json.loads((ROOT / LIFECYCLE_FILE).read_text())["rule"]
    except (ValueError, TypeError, KeyError) as error:
        rules = error
    if not isinstance(rules, list):
        raise BadSettings(
            f'{LIFECYCLE_FILE}: found {rules!r}, expected {{"rule": [ … ]}}', name=LIFECYCLE_FILE
        )
    return rules


def _remarks(found: dict[str, Any]) -> Iterator[str]:
    """What is left as it is, because somebody has chosen it, and what comes of it."""
    if seconds := found.get("retentionPolicy", {}).get("retentionPeriod"):
        yield (
            f"its retention policy keeps each object for {int(seconds) / DAY:g} days: until then "
            "the daily clean-up and a repair fail"
        )
    if found.get("defaultEventBasedHold"):
        yield "it holds new objects, so the daily clean-up and a repair fail"
    if found.get("versioning", {}).get("enabled"):
        yield "it keeps versions: what the daily clean-up deletes stays, and is billed"


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


def refuse_foreign(found: dict[str, Any], settings: DeploySettings, project_number: str) -> None:
    """Raise BadSettings where a bucket that was found is of another project."""
    if str(found.get("projectNumber")) != project_number:
        raise BadSettings(
            f"GCS_BUCKET_NAME: gs://{settings.gcs_bucket_name} belongs to the project number "
            f"{found.get('projectNumber')}, expected {project_number}, "
            f"which is {settings.gcp_project_id}",
            name="GCS_BUCKET_NAME",
            hint="Choose another name: nobody in the world may have it",
        )
