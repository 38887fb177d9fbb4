"""Runs a job of Cloud Scheduler now, as the clock would, and waits for what becomes of it."""

from deploy_settings import DeploySettings
from google_cloud.finding import Finding
from google_cloud.gcloud import Gcloud
from google_cloud.jobs import open_client
from scheduling.jobs import name_of, parent_of
from scheduling.waiting import run_and_wait


def run_job(gcloud: Gcloud, settings: DeploySettings, kind: str, target: str) -> Finding:
    """One execution, whose last line says what came of it."""
    client = open_client(gcloud, settings)
    name = name_of(settings, kind, target)
    told: list[str] = []

    def tell(text: str) -> None:
        told.append(text)
        gcloud.tell(f"        {name}: {text}")

    did_well = run_and_wait(client, f"{parent_of(settings)}/jobs/{name}", tell)
    what = f"{target}, the {kind} job of Cloud Scheduler"
    if did_well:
        return Finding(what, ok=True, said=told[-1])
    look = f"gcloud functions logs read {settings.function_name} --gen2"
    hint = f"The function's log says why: {look} --region={settings.gcp_region} --limit=20"
    return Finding(what, ok=False, said=told[-1], hint=hint)
