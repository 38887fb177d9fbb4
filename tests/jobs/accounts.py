"""The accounts of `deploy/roles.json`, each with a key and just its roles in a guarded bucket."""

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from emulators.metadata_server import MetadataServer
from emulators.storage import StorageFake
from emulators.storage_access import ROLES
from emulators.storage_calls import Call

BUCKET = "bucket"
TABLE = json.loads(ROLES.read_text())
PERMISSIONS: dict[str, list[str]] = TABLE["permissions"]


def roles_of(name: str) -> list[str]:
    """What an account holds in the bucket."""
    roles: list[str] = TABLE["accounts"][name]["bucket"]
    return roles


@dataclass(frozen=True)
class Account:
    """A service account, and its key."""

    storage: StorageFake
    email: str
    key_file: Path

    @property
    def with_key(self) -> dict[str, str]:
        """What a job is told on Render, that takes the fake for Google.

        With STORAGE_EMULATOR_HOST it would come without a key.
        """
        return {**self._bucket, "GOOGLE_APPLICATION_CREDENTIALS": str(self.key_file)}

    @contextmanager
    def on_google(self) -> Iterator[dict[str, str]]:
        """What a job is told on Google, where the platform says who it is."""
        with MetadataServer(self.email, partial(self.storage.token, self.email)) as server:
            yield {**self._bucket, **server.environment}

    @property
    def _bucket(self) -> dict[str, str]:
        return {"GCS_BUCKET_NAME": BUCKET, "API_ENDPOINT_OVERRIDE": self.storage.url}

    @property
    def refused(self) -> list[Call]:
        """What it was not allowed to do."""
        return [call for call in self.storage.calls if call.status in (401, 403)]


def account(storage: StorageFake, name: str, folder: Path, roles: Collection[str]) -> Account:
    """An account with these roles in the bucket."""
    email = f"{name}@p1.iam.gserviceaccount.com"
    storage.grant(BUCKET, email, roles)
    key_file = storage.key_file(folder / f"{name}-key.json", email)
    return Account(storage, email, key_file)
