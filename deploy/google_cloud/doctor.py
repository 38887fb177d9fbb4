"""Proves the way of the data by going it once: logger, scheduler, function, bucket, and back.

Each finding says what was tried and what came of it; where one fails, what would only fail because
of it is not tried.
"""

from collections.abc import Iterator

import requests

from deploy_settings import DeploySettings
from google_cloud.archive_checks import newest_backup, newest_drill
from google_cloud.finding import Finding
from google_cloud.function import Deployed
from google_cloud.gcloud import Gcloud
from google_cloud.job_checks import run_job
from google_cloud.logger_checks import examine_logger
from google_cloud.pins import TOKEN
from google_cloud.secret_versions import Secrets
from scheduling.jobs import BACKUP, DAILY

ANSWER_SECONDS = 60  # of a cold start and more


def examine(gcloud: Gcloud, settings: DeploySettings) -> Iterator[Finding]:
    """Go the way once for each logger; it runs both of its jobs."""
    deployed = Deployed.find(gcloud, settings)
    if deployed is None or not deployed.url:
        hint = "deploy/google.sh deploys it"
        yield Finding("the function", ok=False, said="is not there", hint=hint)
        return
    yield _closed(deployed.url)
    for target, url in settings.addresses.items():
        yield from _examine_target(gcloud, settings, deployed, target, url)


def _examine_target(
    gcloud: Gcloud, settings: DeploySettings, deployed: Deployed, target: str, url: str
) -> Iterator[Finding]:
    secret, version = deployed.pins[settings.variable(target, TOKEN)]
    token = Secrets(gcloud, settings).content(secret, version)
    archive = f"gs://{settings.gcs_bucket_name}/{settings.folder(target)}"
    for finding in examine_logger(target, url, token, archive):
        yield finding
        if not finding.ok:
            return
    for kind, arrived in ((BACKUP, newest_backup), (DAILY, newest_drill)):
        yield (ran := run_job(gcloud, settings, kind, target))
        if not ran.ok:
            return
        yield arrived(gcloud, archive)


def _closed(url: str) -> Finding:
    """Whether the function refuses whoever has no token of Google's."""
    what = "strangers at the function"
    try:
        status = requests.post(url, json={"action": "status"}, timeout=ANSWER_SECONDS).status_code
    except requests.RequestException as error:
        return Finding(
            what, ok=False, said=f"{url} does not answer ({type(error).__name__})", hint="Try again"
        )
    if status in (401, 403):
        return Finding(what, ok=True, said=f"refused with {status}")
    hint = "Run deploy/google.sh, which takes such rights away"
    return Finding(what, ok=False, said=f"answered with {status}, expected 403", hint=hint)
