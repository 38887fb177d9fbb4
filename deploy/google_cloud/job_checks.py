"""Runs a job of Cloud Scheduler now, as the clock would, and waits for what becomes of it."""

from deploy_settings import DeploySettings
from google_cloud.finding import Finding
from google_cloud.gcloud import Gcloud
from google_cloud.jobs import open_client
from scheduling.jobs import whole_name
from scheduling.outcome import log_command
from scheduling.waiting import run_and_wait


def run_job(gcloud: Gcloud, settings: DeploySettings, kind: str, target: str) -> Finding:
    """One execution, whose last line says what came of it."""
    what = f"{target}, the {kind} job of Cloud Scheduler"
    if gcloud.dry_run:
        return Finding(what, ok=True, said="would be run")
    told: list[str] = []

    def tell(text: str) -> None:
        told.append(text)
        gcloud.tell(f"        {text}")

    gcloud.tell(f"        running the {kind} job of {target} ...")
    name = whole_name(settings, kind, target)
    if run_and_wait(open_client(gcloud, settings), name, tell):
        return Finding(what, ok=True, said=told[-1])
    hint = f"The function's log says why: {log_command(settings)}"
    return Finding(what, ok=False, said=told[-1], hint=hint)
