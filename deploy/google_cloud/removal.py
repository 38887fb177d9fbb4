"""Takes the set-up down, and leaves the bucket with its backups unless told otherwise.

What somebody else has made under one of its names stays, and so do the services, because others
may need them.
"""

from deploy_settings import DeploySettings
from google_cloud.accounts import is_ours
from google_cloud.bucket import refuse_foreign
from google_cloud.function import Deployed
from google_cloud.gcloud import Gcloud
from google_cloud.jobs import delete_jobs
from google_cloud.project import enabled_services, project_number
from google_cloud.rights import accounts, bucket, take_all
from google_cloud.secret_versions import Secrets
from shared.errors import BadSettings


def remove(gcloud: Gcloud, settings: DeploySettings, *, with_bucket: bool) -> None:
    """What calls goes before what is called, and accounts go last.

    Raises:
        BadSettings: the bucket would go, and is not ours, or holds more than backups.
    """
    address, enabled = f"gs://{settings.gcs_bucket_name}", enabled_services(gcloud)
    found = gcloud.find("storage", "buckets", "describe", address, "--raw")
    if found and with_bucket:
        refuse_foreign(found, settings, project_number(gcloud, settings))
        _refuse_more_than_backups(gcloud, settings)
    for service, take_away in (
        ("cloudscheduler", delete_jobs),
        ("cloudfunctions", _delete_function),
        ("secretmanager", _delete_secrets),
    ):
        if f"{service}.googleapis.com" in enabled:
            take_away(gcloud, settings)
        else:
            gcloud.tell(f"  ! {service}.googleapis.com is not enabled: what it has, if any, stays")
    if found and with_bucket:
        gcloud.change("storage", "rm", "--recursive", address, takes="a minute or more")
    elif found:
        take_all(gcloud, settings, bucket(settings))
    if "iam.googleapis.com" in enabled:
        _delete_accounts(gcloud, settings)


def _delete_function(gcloud: Gcloud, settings: DeploySettings) -> None:
    found, name = Deployed.find(gcloud, settings), settings.function_name
    if found and found.is_ours:
        place = "--gen2", f"--region={settings.gcp_region}"
        gcloud.change("functions", "delete", name, *place, takes="a minute")
    elif found:
        gcloud.tell(f"  ! the function {name} was deployed by somebody else: it stays")


def _delete_secrets(gcloud: Gcloud, settings: DeploySettings) -> None:
    secrets = Secrets(gcloud, settings)
    for name in sorted(secrets.names):
        secrets.delete(name)


def _delete_accounts(gcloud: Gcloud, settings: DeploySettings) -> None:
    found = gcloud.find("iam", "service-accounts", "list") or []
    there = {account["email"]: account for account in found}
    for address in filter(there.get, map(settings.account, accounts())):
        if is_ours(there[address]):
            gcloud.change("iam", "service-accounts", "delete", address)
        else:
            gcloud.tell(f"  ! the account {address} was made by somebody else: it stays")


def _refuse_more_than_backups(gcloud: Gcloud, settings: DeploySettings) -> None:
    """Of the loggers that the settings name: what else lies there, nobody has spoken of."""
    address = f"gs://{settings.gcs_bucket_name}"
    folders = (settings.folder(target).partition("/")[0] for target in settings.addresses)
    ours = {f"{address}/{folder}/" for folder in folders}
    there = gcloud.text("storage", "ls", address).splitlines()
    if others := [one for one in there if one and one not in ours]:
        raise BadSettings(
            f"GCS_BUCKET_NAME: {address} holds more than the backups of {', '.join(ours)}: "
            f"found {', '.join(others[:5])}{' …' * (len(others) > 5)}",
            name="GCS_BUCKET_NAME",
            hint="Leave --with-bucket out. Whoever wants to lose that, too, deletes it by gcloud "
            f"storage rm --recursive {address}",
        )
