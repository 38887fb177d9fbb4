"""The jobs of Cloud Scheduler, by the same code as `deploy/scheduler.py`.

Google's client is not gcloud, so it borrows the token of whoever gcloud is logged in as.
"""

from deploy_settings import DeploySettings
from google_cloud.failures import GcloudFailed
from google_cloud.gcloud import Gcloud
from scheduling.applying import apply, delete
from scheduling.client import SchedulerClient
from scheduling.jobs import is_ours, parent_of

UNCHANGED = "as it should be"
NOT_DEPLOYED = "https://function.invalid"  # where a dry run has no function to lead to


def open_client(gcloud: Gcloud, settings: DeploySettings) -> SchedulerClient:
    """The project's jobs."""
    token = gcloud.text("auth", "print-access-token").strip()
    return SchedulerClient(settings.gcp_project_id, parent_of(settings), token)


def bring_jobs(
    gcloud: Gcloud, settings: DeploySettings, url: str, *, delete_left_over: bool
) -> None:
    """Make what is missing, change what differs; `url` is the function's.

    Raises:
        GcloudFailed: it has none, and what the jobs lead to now is better than nothing.
    """
    if not url and not gcloud.dry_run:
        name = settings.function_name
        raise GcloudFailed(
            f"{name}: found no address of it, expected the one that Google gives it",
            "",
            name=name,
            hint="Run it again in a minute: what is done stays done",
        )

    def tell(text: str) -> None:
        if not text.endswith(UNCHANGED):  # which the step says once for all of them
            gcloud.tell(f"  {text}")

    gcloud.changes += apply(
        settings,
        url or NOT_DEPLOYED,
        open_client(gcloud, settings),
        tell,
        dry_run=gcloud.dry_run,
        delete_left_over=delete_left_over,
    )


def delete_jobs(gcloud: Gcloud, settings: DeploySettings) -> None:
    """All that this set-up has made."""
    client = open_client(gcloud, settings)
    ours = [job for job in client.jobs() if is_ours(settings, job)]
    gcloud.changes += delete(
        ours, client, lambda text: gcloud.tell(f"  {text}"), dry_run=gcloud.dry_run
    )
