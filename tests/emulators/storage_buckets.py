"""The buckets of the storage fake: whose they are, how they are set, and what lies in them.

Names are shared by all of Google's customers, so some may be taken by another project.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from threading import Lock
from typing import Any
from urllib.parse import quote

from emulators.storage_bucket_settings import BucketSettings
from emulators.storage_conditions import ApiError, forbidden
from emulators.storage_objects import Objects
from emulators.storage_operations import BucketOperations
from emulators.storage_policies import Policy
from emulators.storage_soft_deletes import SoftDeletes
from emulators.storage_times import aware, timestamp

FIRST_GENERATION = 1_700_000_000_000_000  # as long as Google's, which 32 bits do not hold
_CONTINENTS = ("ASIA", "EU", "US")


@dataclass
class Bucket:
    """A bucket; what is set of it changes in one step, under its lock."""

    name: str
    project: str
    location: str
    created_at: datetime
    objects: Objects
    deleted: SoftDeletes
    settings: BucketSettings
    policy: Policy
    operations: BucketOperations = field(default_factory=BucketOperations)
    lock: Lock = field(default_factory=Lock)

    def patch(self, wanted: Mapping[str, Any], now: datetime) -> None:
        """Change settings."""
        if str(wanted.get("location", self.location)).upper() != self.location:
            raise ApiError(400, "invalid", "A bucket's location cannot be changed.")
        with self.lock:
            self.settings = self.settings.patched(wanted, now)

    def set_policy(self, wanted: Mapping[str, Any], knows: Callable[[str], bool]) -> Policy:
        """Replace the policy; `knows` tells which service accounts exist."""
        with self.lock:
            self.policy = self.policy.replaced(wanted, knows)
            return self.policy

    def grant(self, member: str, roles: Collection[str]) -> None:
        """Have a member hold just these roles."""
        with self.lock:
            self.policy = self.policy.with_roles(member, roles)

    def resource(self, url: str, project_number: str) -> dict[str, Any]:
        """What the API tells of it."""
        is_wide = self.location in _CONTINENTS
        return {
            "kind": "storage#bucket",
            "id": self.name,
            "name": self.name,
            "selfLink": f"{url}/storage/v1/b/{quote(self.name, safe='')}",
            "projectNumber": project_number,
            "location": self.location,
            "locationType": "multi-region" if is_wide else "region",
            "metageneration": str(self.settings.metageneration),
            "etag": f"CA{self.settings.metageneration}=",
            "timeCreated": timestamp(self.created_at),
            "updated": timestamp(self.settings.updated_at),
            **self.settings.fields,
        }


class Buckets:
    """All buckets by their names; those in `taken` are another project's."""

    def __init__(self, now: Callable[[], datetime], taken: Collection[str]) -> None:
        self.now = now
        self._taken = frozenset(taken)
        self._generations = count(FIRST_GENERATION)
        self._buckets: dict[str, Bucket] = {}

    def create(self, project: str, wanted: Mapping[str, Any]) -> Bucket:
        """Create a bucket, whose name must be free."""
        name, now = str(wanted.get("name", "")), aware(self.now())
        if not name:
            raise ApiError(400, "required", "Required bucket name is missing")
        if name in self._taken:
            message = "The requested bucket name is not available: another project has it."
            raise ApiError(409, "conflict", message)
        location = str(wanted.get("location", "US")).upper()
        settings = BucketSettings.of_new_bucket(wanted, now)
        deleted = SoftDeletes(self.now, lambda: created.settings.retention)
        objects = Objects(name, self._generations, self.now, deleted.keep)
        policy = Policy.of_new_bucket(project, is_uniform=settings.is_uniform)
        created = Bucket(name, project, location, now, objects, deleted, settings, policy)
        # One step, even when many threads create the same bucket.
        if self._buckets.setdefault(name, created) is not created:
            message = f"The bucket {name} exists already, and you own it."
            raise ApiError(409, "conflict", message)
        return created

    def find(self, name: str, permission: str) -> Bucket:
        """A bucket of this project; `permission` is what the caller wants of it."""
        if name in self._taken:
            raise forbidden(permission)
        if name not in self._buckets:
            raise ApiError(404, "notFound", "The specified bucket does not exist.")
        return self._buckets[name]

    def delete(self, name: str) -> None:
        """Delete a bucket, which must be empty."""
        if self.find(name, "storage.buckets.delete").objects.contents():
            raise ApiError(409, "conflict", "The bucket you tried to delete is not empty.")
        del self._buckets[name]
