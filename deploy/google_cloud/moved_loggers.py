"""Loggers that the function has called at another address until now, with their token.

An address that Render has not given out yet, or has given to somebody else since, is a stranger's.
"""

from collections.abc import Mapping

from deploy_settings import DeploySettings
from google_cloud.function import Deployed
from google_cloud.gcloud import Gcloud


def former_addresses(settings: DeploySettings, found: Deployed | None) -> dict[str, str]:
    """By the logger's name; of those that are elsewhere by the settings."""
    had = _addresses(found.has["variables"]) if found else {}
    return {
        target: had[target]
        for target, url in settings.addresses.items()
        if had.get(target, url) != url
    }


def tell_moved(gcloud: Gcloud, settings: DeploySettings, former: Mapping[str, str]) -> None:
    """Say who may have the token, and how to get another."""
    for target, url in former.items():
        option = f" --target {target}" if settings.targets else ""
        gcloud.tell(
            f"\n! {target} was called at {url} so far, and SNAPSHOT_TOKEN went there: if that was "
            f"ever somebody else's, deploy/google.sh rotate-token{option} gives another"
        )


def _addresses(variables: Mapping[str, str]) -> dict[str, str]:
    """By the logger's name, as the function is told them."""
    if several := variables.get("TARGETS"):
        pairs = (pair.partition("=") for pair in several.split(","))
        return {name: url for name, _, url in pairs}
    url = variables.get("SNAPSHOT_URL")
    return {variables.get("SERVICE_NAME", ""): url} if url else {}
