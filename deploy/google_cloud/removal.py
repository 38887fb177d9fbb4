"""Takes the set-up down, and leaves the bucket with its backups unless told otherwise.

The services stay enabled, because others may need them.
"""

from google_cloud.jobs import delete_jobs

from deploy_settings import DeploySettings
from google_cloud.function import Deployed
from google_cloud.gcloud import Gcloud
from google_cloud.rights import accounts, bucket, take_all
from google_cloud.secret_versions import Secrets


def remove(gcloud: Gcloud, settings: DeploySettings, *, with_bucket: bool) -> None:
    """What calls goes before what is called, and accounts go last."""
    delete_jobs(gcloud, settings)
    if Deployed.find(gcloud, settings):
        place = "--gen2", f"--region={settings.gcp_region}"
        gcloud.change("functions", "delete", settings.function_name, *place, takes="a minute")
    secrets = Secrets(gcloud, settings)
    for name in sorted(secrets.names):
        secrets.delete(name)
    address = f"gs://{settings.gcs_bucket_name}"
    is_there = gcloud.find("storage", "buckets", "describe", address, "--raw")
    if is_there and with_bucket:
        gcloud.change("storage", "rm", "--recursive", address, takes="a minute or more")
    elif is_there:
        take_all(gcloud, settings, bucket(settings))
    found = gcloud.find("iam", "service-accounts", "list") or []
    there = {account["email"] for account in found}
    for role in accounts():
        if settings.account(role) in there:
            gcloud.change("iam", "service-accounts", "delete", settings.account(role))
