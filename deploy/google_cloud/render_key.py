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
    """Make the first one; another is made when somebody asks for it."""
    if not keys(gcloud, settings):
        make_key(gcloud, settings)


def keys(gcloud: Gcloud, settings: DeploySettings) -> list[dict[str, Any]]:
    """Those that somebody holds, the newest first; each with its whole `name`."""
    account = f"--iam-account={settings.account(ACCOUNT)}"
    look = "iam", "service-accounts", "keys", "list", account, "--managed-by=user"
    found = gcloud.find(*look) or []
    return sorted(found, key=lambda key: str(key["validAfterTime"]), reverse=True)


def make_key(gcloud: Gcloud, settings: DeploySettings) -> None:
    """Write one more to RENDER_KEY_FILE.

    Raises:
        BadSettings: a file is there already, which may be the only copy of a key.
    """
    file = settings.render_key_file
    if (ROOT / file).exists():
        raise BadSettings(
            f"RENDER_KEY_FILE: {file} is there already",
            name=str(file),
            hint="Once Render has that key, delete the file; then run this again",
        )
    account = f"--iam-account={settings.account(ACCOUNT)}"
    try:
        gcloud.change("iam", "service-accounts", "keys", "create", str(file), account)
    except GcloudFailed:
        (ROOT / file).unlink(missing_ok=True)  # gcloud makes it before it asks for the key
        raise
    if not gcloud.dry_run:
        (ROOT / file).chmod(0o600)


def delete_old_keys(gcloud: Gcloud, settings: DeploySettings) -> int:
    """End all but the newest, which whoever still uses them notices; how many there were."""
    _, *older = keys(gcloud, settings) or [{}]
    account = f"--iam-account={settings.account(ACCOUNT)}"
    for key in older:
        identity = key["name"].rpartition("/")[2]
        gcloud.change("iam", "service-accounts", "keys", "delete", identity, account)
    return len(older)
