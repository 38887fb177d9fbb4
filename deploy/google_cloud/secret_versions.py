"""Secrets in Secret Manager: their versions, of which the function is pinned to one.

What is in a version goes to gcloud's standard input and comes from its output, so no command line
and no log shows it.
"""

import json
from typing import Any

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
            enabled = (version for version in found if version["state"] == "ENABLED")
            self._enabled[name] = sorted(map(_number, enabled))
        return self._enabled[name]

    def content(self, name: str, version: int) -> str:
        """What a version holds."""
        return self._gcloud.text("secrets", "versions", "access", str(version), f"--secret={name}")

    def add(self, name: str, content: str) -> int:
        """Store a newer version, of a secret that may not be there yet; its number."""
        known = self.versions(name)
        if name not in self.names:
            made = "--replication-policy=automatic", f"--labels={LABEL}={self._maker}"
            self._gcloud.change("secrets", "create", name, *made)
            self.names.add(name)
        store = "secrets", "versions", "add", name, "--data-file=-", "--format=json"
        answer = self._gcloud.change(*store, given=content)
        # The newest of a later look may be another run's.
        number = _number(json.loads(answer)) if answer else max(known, default=0) + 1
        self._enabled[name] = [*known, number]
        return number

    def destroy(self, name: str, versions: list[int]) -> None:
        """Take what they hold away for good."""
        for version in versions:
            self._gcloud.change("secrets", "versions", "destroy", str(version), f"--secret={name}")
        self._enabled.pop(name, None)

    def delete(self, name: str) -> None:
        """The secret with all its versions."""
        self._gcloud.change("secrets", "delete", name)
        self.names.discard(name)


def _number(version: dict[str, Any]) -> int:
    return int(version["name"].rpartition("/")[2])
