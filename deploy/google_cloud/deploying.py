"""The function at rest: a deploy that another run has begun goes on at Google, and is waited for.

While one is under way Google takes no other, and what it shows is neither the old nor the new.
"""

from time import monotonic, sleep
from typing import Any

from deploy_settings import DeploySettings
from google_cloud.failures import GcloudFailed
from google_cloud.gcloud import Gcloud

# https://cloud.google.com/functions/docs/reference/rest/v2/projects.locations.functions#State
UNDER_WAY = {"DEPLOYING", "DELETING"}
POLL_SECONDS = 5.0
PATIENCE_SECONDS = 600.0  # twice as long as a deploy takes


def describe(gcloud: Gcloud, settings: DeploySettings) -> Any:
    """The function as Google shows it once it is at rest, in a dry run at once; None if it is none.

    Raises:
        GcloudFailed: it is not at rest after PATIENCE_SECONDS.
    """
    name, ends_at, told = settings.function_name, monotonic() + PATIENCE_SECONDS, ""
    look = "functions", "describe", name, "--gen2", f"--region={settings.gcp_region}"
    while (state := _state(found := gcloud.find(*look))) in UNDER_WAY and not gcloud.dry_run:
        if monotonic() > ends_at:
            raise _never_at_rest(name, state)
        if state != told:
            minutes = PATIENCE_SECONDS / 60
            gcloud.tell(f"    {name} is {state}: waiting for the end, at most {minutes:g} minutes")
        told = state
        sleep(POLL_SECONDS)
    return found


def _state(found: Any) -> str:
    return str(found.get("state", "")) if found else ""


def _never_at_rest(name: str, state: str) -> GcloudFailed:
    waited = f"after {PATIENCE_SECONDS / 60:g} minutes"
    return GcloudFailed(
        f"{name} is {state} {waited}, expected ACTIVE or FAILED",
        state,
        name=name,
        hint="Somebody else deploys it, or Google does not end it: once it has ended run it again",
    )
