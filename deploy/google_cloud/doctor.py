"""Proves the way of the data by going it once: logger, scheduler, function, bucket, and back.

Each finding says what was tried and what came of it; where one fails, what would only fail because
of it is not tried.
"""

from collections.abc import Iterator

from deploy_settings import DeploySettings
from google_cloud.archive_checks import archive_of, newest_backup, newest_drill
from google_cloud.finding import Finding
from google_cloud.function import Deployed
from google_cloud.function_checks import knows_how_it_stands, refuses_strangers
from google_cloud.gcloud import Gcloud
from google_cloud.job_checks import run_job
from google_cloud.logger_checks import examine_logger
from google_cloud.pins import TOKEN
from google_cloud.secret_versions import Secrets
from scheduling.jobs import BACKUP, DAILY


def examine(gcloud: Gcloud, settings: DeploySettings) -> Iterator[Finding]:
    """Go the way once for each logger; it runs both of its jobs."""
    deployed = Deployed.find(gcloud, settings)
    if deployed is None or not deployed.url:
        hint = "deploy/google.sh deploys it"
        yield Finding("the function", ok=False, said="is not there", hint=hint)
        return
    yield refuses_strangers(deployed.url)
    for target, url in settings.addresses.items():
        yield (stands := knows_how_it_stands(gcloud, settings, deployed.url, target))
        if stands.ok:
            yield from _examine_target(gcloud, settings, deployed, target, url)


def _examine_target(
    gcloud: Gcloud, settings: DeploySettings, deployed: Deployed, target: str, url: str
) -> Iterator[Finding]:
    variable = settings.variable(target, TOKEN)
    secret, version = deployed.pins.get(variable, ("", 0))
    if not version:
        said, hint = f"has no version of {variable}", "deploy/google.sh gives it one"
        yield Finding(f"{target}, the function", ok=False, said=said, hint=hint)
        return
    token = Secrets(gcloud, settings).content(secret, version)
    for finding in examine_logger(target, url, token, archive_of(settings, target)):
        yield finding
        if not finding.ok:
            return
    for kind, arrived in ((BACKUP, newest_backup), (DAILY, newest_drill)):
        yield (ran := run_job(gcloud, settings, kind, target))
        if not ran.ok:
            return
        yield arrived(gcloud, settings, target)
