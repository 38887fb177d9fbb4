"""The IAM policy of a bucket of the storage fake: which roles its members hold there.

It is replaced as a whole, and only if its etag is still the one that was read
(https://cloud.google.com/storage/docs/json_api/v1/buckets/setIamPolicy).
"""

import base64
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from emulators.storage_conditions import ApiError, condition_not_met

_KNOWN = ("bindings", "etag", "kind", "resourceId", "version")
_KINDS = ("projectEditor", "projectOwner", "projectViewer", "serviceAccount", "user")
_ROLES = "roles/storage."  # how those begin that a bucket's policy may have

Bindings = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Policy:
    """The members of each role; `number` counts the changes."""

    bindings: Bindings
    number: int = 1

    @classmethod
    def of_new_bucket(cls, project: str, *, is_uniform: bool) -> Self:
        """What Google gives a bucket at its creation: to the project's people, and nobody else."""
        people = frozenset({f"projectEditor:{project}", f"projectOwner:{project}"})
        viewers = frozenset({f"projectViewer:{project}"})
        roles = {"legacyBucketOwner": people, "legacyBucketReader": viewers}
        if is_uniform:
            roles |= {"legacyObjectOwner": people, "legacyObjectReader": viewers}
        return cls({_ROLES + role: members for role, members in roles.items()})

    @property
    def etag(self) -> str:
        """Another one after each change."""
        return base64.b64encode(f"{self.number}".encode()).decode()

    def roles_of(self, member: str) -> set[str]:
        """The roles that a member holds."""
        return {role for role, members in self.bindings.items() if member in members}

    def with_roles(self, member: str, roles: Collection[str]) -> Self:
        """The policy in which a member holds just these roles."""
        others = {role: members - {member} for role, members in self.bindings.items()}
        held = {role: others.get(role, frozenset()) | {member} for role in roles}
        return self._with(others | held)

    def replaced(self, wanted: Mapping[str, Any], knows: Callable[[str], bool]) -> Self:
        """The policy after a request to set it; `knows` tells which service accounts exist."""
        if more := sorted(set(wanted) - set(_KNOWN)):
            raise ApiError(501, "notImplemented", f"the storage fake does not know {more}")
        if wanted.get("etag", self.etag) != self.etag:
            raise condition_not_met()
        bindings: dict[str, frozenset[str]] = {}
        for binding in wanted.get("bindings", []):
            role, members = _read(binding, knows)
            bindings[role] = bindings.get(role, frozenset()) | members
        return self._with(bindings)

    def resource(self, bucket: str) -> dict[str, Any]:
        """What the API tells of it."""
        return {
            "kind": "storage#policy",
            "resourceId": f"projects/_/buckets/{bucket}",
            "version": 1,
            "etag": self.etag,
            "bindings": [
                {"role": role, "members": sorted(members)}
                for role, members in sorted(self.bindings.items())
            ],
        }

    def _with(self, bindings: Bindings) -> Self:
        filled = {role: members for role, members in bindings.items() if members}
        return replace(self, bindings=filled, number=self.number + 1)


def _read(binding: Mapping[str, Any], knows: Callable[[str], bool]) -> tuple[str, frozenset[str]]:
    if more := sorted(set(binding) - {"role", "members"}):
        message = f"the storage fake does not know {more} of a binding"
        raise ApiError(501, "notImplemented", message)
    role, members = binding.get("role", ""), binding.get("members", [])
    if not role.startswith(_ROLES):
        raise ApiError(400, "invalid", f"Role {role} is not supported for this resource.")
    for member in members:
        kind, _, name = member.partition(":")
        if kind not in _KINDS or not name:
            raise ApiError(501, "notImplemented", f"the storage fake does not know {member}")
        if kind == "serviceAccount" and not knows(name):
            raise ApiError(400, "invalid", f"Service account {name} does not exist.")
    return role, frozenset(members)
