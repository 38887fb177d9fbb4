"""Who builds the function: whom the settings name, or whichever of its own Google takes."""

import re

from deploy_settings import DeploySettings

# https://cloud.google.com/build/docs/cloud-build-service-account: the one, and the older one.
_DEFAULT = re.compile(r"/\d+(-compute@developer|@cloudbuild)\.gserviceaccount\.com$")


def wanted_builder(settings: DeploySettings, found: str | None) -> tuple[str | None, str]:
    """Its whole name and the flag that makes it so, beside whom Google shows; None for a default.

    Google shows its default as it shows one that was named, so that has to be told by its name.
    """
    if builder := settings.build_service_account:
        whole = f"projects/{settings.gcp_project_id}/serviceAccounts/{builder}"
        return whole, f"--build-service-account={whole}"
    default = found if found and _DEFAULT.search(found) else None
    return default, "--clear-build-service-account"
