"""The key that Render is given: one of the account that can add and read backups, and no more.

A key's file is written once, by gcloud, for its owner alone; Google keeps no copy. A second key
leaves the first one good, until somebody says that Render has the second.
"""

from typing import Any

from deploy_settings import ROOT, DeploySettings
from google_cloud.failures import GcloudFailed
from google_cloud.gcloud import Gcloud
from shared.errors import BadSettings

ACCOUNT = "render"


def bring_key(gcloud: Gcloud, settings: DeploySettings) -> None:
    """Make the first one; another is made when somebody asks for it, or where one was lost."""
    if not keys(gcloud, settings) or was_lost(settings):
        make_key(gcloud, settings)


def keys(gcloud: Gcloud, settings: DeploySettings) -> list[dict[str, Any]]:
    """Those that are good for something, the newest first; each with its whole `name`."""
    account = f"--iam-account={settings.account(ACCOUNT)}"
    look = "iam", "service-accounts", "keys", "list", account, "--managed-by=user"
    found = [key for key in gcloud.find(*look) or [] if not key.get("disabled")]
    return sorted(found, key=lambda key: str(key["validAfterTime"]), reverse=True)


def make_key(gcloud: Gcloud, settings: DeploySettings) -> None:
    """Write one more to RENDER_KEY_FILE.

    Raises:
        BadSettings: a file is there already, which may be the only copy of a key.
    """
    file = settings.render_key_file
    if (ROOT / file).exists() and not was_lost(settings):
        raise BadSettings(
            f"RENDER_KEY_FILE: {file} is there already",
            name=str(file),
            hint=_what_to_do(gcloud, settings),
        )
    account = f"--iam-account={settings.account(ACCOUNT)}"
    try:
        gcloud.change("iam", "service-accounts", "keys", "create", str(file), account)
    except GcloudFailed:
        (ROOT / file).unlink(missing_ok=True)  # gcloud makes it before it asks for the key
        raise
    if not gcloud.dry_run:
        (ROOT / file).chmod(0o600)


def was_lost(settings: DeploySettings) -> bool:
    """Whether the file is empty, as gcloud makes it, and leaves it where it is killed."""
    file = ROOT / settings.render_key_file
    return file.is_file() and not file.stat().st_size


def _what_to_do(gcloud: Gcloud, settings: DeploySettings) -> str:
    """With a key file that is in the way."""
    content = (ROOT / settings.render_key_file).read_bytes()
    if any(identity(key).encode() in content for key in keys(gcloud, settings)):
        return "Once Render has that key, delete the file; then run this again"
    return (
        f"It is none of the keys of {settings.account(ACCOUNT)}: once nobody needs it, delete the "
        "file; then run this again"
    )


def identity(key: dict[str, Any]) -> str:
    """By which a key file, and Google's console, call a key."""
    return str(key["name"]).rpartition("/")[2]


def delete_old_keys(gcloud: Gcloud, settings: DeploySettings, older: list[dict[str, Any]]) -> None:
    """End these, which whoever still uses them notices.

    Raises:
        BadSettings: nobody has the newest one.
    """
    if was_lost(settings):
        raise BadSettings(
            f"RENDER_KEY_FILE: {settings.render_key_file} is empty: its key was lost on the way",
            name=str(settings.render_key_file),
            hint="deploy/google.sh rotate-key makes another, for Render to have first",
        )
    account = f"--iam-account={settings.account(ACCOUNT)}"
    for key in older:
        gcloud.change("iam", "service-accounts", "keys", "delete", identity(key), account)
