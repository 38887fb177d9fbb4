"""Who may do what in the storage fake: the rules of IAM, with the roles of `deploy/roles.json`.

A service account may do what the roles permit that it holds in the bucket's own policy; the table
has, of each role's permissions, those that the fake asks for
(https://cloud.google.com/storage/docs/access-control/iam-roles). Whoever comes without a token is
the test itself, and may do all but what the test forbids.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from emulators.storage_buckets import Bucket, Buckets
from emulators.storage_conditions import ApiError, forbidden, lacks

ROLES = Path(__file__).resolve().parents[2] / "deploy" / "roles.json"
RIGHTS = frozenset({"create", "get", "list", "delete"})  # those that a test may forbid


@dataclass(frozen=True)
class Access:
    """The rules: what each role permits, what a test forbids, and whether a token is wanted."""

    roles: Mapping[str, frozenset[str]]
    lacking: frozenset[str]
    tokens_required: bool
    owners: frozenset[str]

    @classmethod
    def of(
        cls, lacking: Collection[str], owners: Collection[str], *, tokens_required: bool
    ) -> "Access":
        """The rules of a fake; `owners` are people who may do everything in their project."""
        if unknown := set(lacking) - RIGHTS:
            raise ValueError(f"{sorted(unknown)} are none of {sorted(RIGHTS)}")
        table = json.loads(ROLES.read_text())["permissions"]
        roles = {role: frozenset(permissions) for role, permissions in table.items()}
        named = frozenset(f"storage.objects.{right}" for right in lacking)
        return cls(roles, named, tokens_required, frozenset(owners))

    def permits(self, email: str, permission: str, bucket: Bucket | None) -> bool:
        """Whether somebody may; outside of a bucket, only owners may do anything."""
        if email in self.owners:
            return True
        held = bucket.policy.roles_of(f"serviceAccount:{email}") if bucket else set()
        return any(permission in self.roles.get(role, ()) for role in held)


@dataclass(frozen=True)
class Caller:
    """Whoever sent a request; `email` is None where it came without a token."""

    email: str | None
    access: Access

    def check(self, permission: str, bucket: Bucket | None) -> None:
        """Raise unless the caller may do that, in a bucket or in the project."""
        if self.email is not None:
            if not self.access.permits(self.email, permission, bucket):
                raise forbidden(permission, self.email)
        elif self.access.tokens_required:
            raise ApiError(401, "required", lacks(permission, "Anonymous caller"))
        elif permission in self.access.lacking:
            raise forbidden(permission)

    def enter(self, buckets: Buckets, name: str, permission: str) -> Bucket:
        """The bucket in which the caller wants to do that, and may."""
        found = buckets.find(name, permission)
        self.check(permission, found)
        return found

    def replacing(self, bucket: Bucket) -> Callable[[], None]:
        """What is checked before an object gives way to another: that takes a delete, too."""
        return lambda: self.check("storage.objects.delete", bucket)
