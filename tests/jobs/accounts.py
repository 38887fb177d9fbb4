"""The accounts of `deploy/roles.json`, each with a key and just its roles in a guarded bucket."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from emulators.storage import Call, StorageFake
from emulators.storage_access import ROLES

BUCKET = "bucket"
TABLE = json.loads(ROLES.read_text())
PERMISSIONS: dict[str, list[str]] = TABLE["permissions"]


def roles_of(name: str) -> list[str]:
    """What an account holds in the bucket."""
    roles: list[str] = TABLE["accounts"][name]["bucket"]
    return roles


@dataclass(frozen=True)
class Account:
    """A service account; `settings` have a job come with its key, as it comes in the cloud."""

    storage: StorageFake
    key_file: Path

    @property
    def settings(self) -> dict[str, str]:
        """What a job is told.

        With STORAGE_EMULATOR_HOST it would come without a key; with this it takes the fake for
        Google.
        """
        return {
            "GCS_BUCKET_NAME": BUCKET,
            "GOOGLE_APPLICATION_CREDENTIALS": str(self.key_file),
            "API_ENDPOINT_OVERRIDE": self.storage.url,
        }

    @property
    def refused(self) -> list[Call]:
        """What it was not allowed to do."""
        return [call for call in self.storage.calls if call.status in (401, 403)]


def account(storage: StorageFake, name: str, folder: Path, roles: Collection[str]) -> Account:
    """An account with these roles in the bucket."""
    email = f"{name}@p1.iam.gserviceaccount.com"
    storage.grant(BUCKET, email, roles)
    return Account(storage, storage.key_file(folder / f"{name}-key.json", email))
