"""The three service accounts, one for each that acts: the function, its scheduler, and Render."""

from typing import Any

from deploy_settings import DeploySettings
from google_cloud.gcloud import Gcloud
from google_cloud.rights import accounts

MADE_BY = "Made by deploy/google.sh"
LONGEST_DESCRIPTION = 256  # bytes, https://cloud.google.com/iam/docs/reference/rest


def bring_accounts(gcloud: Gcloud, settings: DeploySettings) -> None:
    """Make those that are missing, and enable one that somebody has disabled."""
    found = gcloud.find("iam", "service-accounts", "list") or []
    there = {account["email"]: account for account in found}
    for role, told in accounts().items():
        address = settings.account(role)
        if address not in there:
            _make(gcloud, settings, role, told["why"])
            continue
        if not is_ours(there[address]):
            gcloud.tell(
                f"  ! {address} was made by somebody else; here it may do what roles.json says"
            )
        if there[address].get("disabled"):
            gcloud.change("iam", "service-accounts", "enable", address)


def is_ours(account: dict[str, Any]) -> bool:
    """Whether an account that was found was made here."""
    return str(account.get("description", "")).startswith(MADE_BY)


def _make(gcloud: Gcloud, settings: DeploySettings, role: str, why: str) -> None:
    name, _, _ = settings.account(role).partition("@")
    description = f"{MADE_BY}: {why}"[:LONGEST_DESCRIPTION]
    gcloud.change(
        *("iam", "service-accounts", "create", name),
        *(f"--display-name=BTC logger backup: {role}", f"--description={description}"),
    )
