"""Secrets in Secret Manager: their versions, of which the function is pinned to one.

What is in a version goes to gcloud's standard input and comes from its output, so no command line
and no log shows it.
"""

from deploy_settings import DeploySettings
from google_cloud.gcloud import Gcloud

LABEL = "made-by"  # tells ours from others that begin alike


class Secrets:
    """Those that this set-up has made, or will make."""

    def __init__(self, gcloud: Gcloud, settings: DeploySettings) -> None:
        self._gcloud, self._maker = gcloud, settings.function_name
        # All are listed: what is no name of ours here would be deleted one day.
        found = gcloud.find("secrets", "list") or []
        self.names = {
            secret["name"].rpartition("/")[2]
            for secret in found
            if secret.get("labels", {}).get(LABEL) == self._maker
        }
        self._enabled: dict[str, list[int]] = {}

    def versions(self, name: str) -> list[int]:
        """The numbers of the enabled ones, the newest last."""
        if name not in self.names:
            return []
        if name not in self._enabled:
            found = self._gcloud.find("secrets", "versions", "list", name) or []
            enabled = (version["name"] for version in found if version["state"] == "ENABLED")
            self._enabled[name] = sorted(int(whole.rpartition("/")[2]) for whole in enabled)
        return self._enabled[name]

    def content(self, name: str, version: int) -> str:
        """What a version holds."""
        return self._gcloud.text("secrets", "versions", "access", str(version), f"--secret={name}")

    def add(self, name: str, content: str) -> None:
        """Store a newer version, of a secret that may not be there yet."""
        known = self.versions(name)
        if name not in self.names:
            made = "--replication-policy=automatic", f"--labels={LABEL}={self._maker}"
            self._gcloud.change("secrets", "create", name, *made)
            self.names.add(name)
        self._gcloud.change("secrets", "versions", "add", name, "--data-file=-", given=content)
        self._enabled.pop(name, None)
        if self._gcloud.dry_run:
            self._enabled[name] = [*known, max(known, default=0) + 1]

    def destroy(self, name: str, versions: list[int]) -> None:
        """Take what they hold away for good."""
        for version in versions:
            self._gcloud.change("secrets", "versions", "destroy", str(version), f"--secret={name}")
        self._enabled.pop(name, None)

    def delete(self, name: str) -> None:
        """The secret with all its versions."""
        self._gcloud.change("secrets", "delete", name)
        self.names.discard(name)
