"""IAM policies of all resources: read, replaced as a whole, and guarded by their etags.

A policy that was changed since it was read is refused (409 ABORTED), as are members that do not
exist; the members of a deleted account turn into `deleted:` ones
(https://cloud.google.com/iam/docs/reference/rest/v1/Policy).
"""

import base64
from collections.abc import Callable, Iterable
from copy import deepcopy
from itertools import count

from emulators.google_api import GoogleError, Json, require_fields

_ROLES = {  # those that a set-up of this kind may meet, by their service
    "": "editor owner viewer",
    "artifactregistry.": "admin reader writer",
    "cloudbuild.": "builds.builder",
    "cloudfunctions.": "admin developer invoker serviceAgent viewer",
    "cloudscheduler.": "admin serviceAgent",
    "iam.": "serviceAccountAdmin serviceAccountKeyAdmin serviceAccountOpenIdTokenCreator"
    " serviceAccountTokenCreator serviceAccountUser",
    "logging.": "logWriter viewer",
    "monitoring.": "metricWriter",
    "run.": "admin developer invoker viewer",
    "secretmanager.": "admin secretAccessor secretVersionAdder secretVersionManager viewer",
    "serviceusage.": "serviceUsageConsumer",
    "storage.": "admin objectAdmin objectCreator objectUser objectViewer",
}
ROLES = {f"roles/{service}{name}" for service, names in _ROLES.items() for name in names.split()}

_EMPTY_ETAG = "ACAB"  # what Google gives of a resource whose policy was never set
_KINDS = ("user", "group", "domain", "deleted", "projectOwner", "projectEditor", "projectViewer")
_CONCURRENT = (
    "There were concurrent policy changes. Please retry the whole read-modify-write with"
    " exponential backoff. The request's ETag {!r} did not match the current policy's ETag {!r}."
)


class Policies:
    """The policy of every resource, by the resource's name; `exists` knows service accounts."""

    def __init__(self, exists: Callable[[str], bool]) -> None:
        self._exists = exists
        self._etags = count(1)
        self._policies: dict[str, Json] = {}

    def get(self, resource: str) -> Json:
        """The policy as it is told."""
        return deepcopy(self._policies.get(resource, {"version": 1, "etag": _EMPTY_ETAG}))

    def set(self, resource: str, request: Json) -> Json:
        """Replace a policy; without audit logging in the mask, that stays as it is."""
        require_fields(request, ("policy", "updateMask"), "setIamPolicy")
        policy, now = request.get("policy", {}), self.get(resource)
        require_fields(policy, ("version", "etag", "bindings", "auditConfigs"), "a policy")
        if policy.get("etag", now["etag"]) != now["etag"]:
            raise GoogleError(409, _CONCURRENT.format(policy["etag"], now["etag"]), "ABORTED")
        mask = request.get("updateMask", "bindings,etag")
        source = policy if "auditConfigs" in mask else now
        return self.put(resource, policy.get("bindings", []), source.get("auditConfigs", []))

    def put(
        self, resource: str, bindings: Iterable[Json], audit_configs: Iterable[Json] = ()
    ) -> Json:
        """Set bindings and audit logging, whatever is there."""
        policy: Json = {"version": 1, "etag": self._etag(), "bindings": self._merged(bindings)}
        if configs := list(audit_configs):
            policy["auditConfigs"] = configs
        if any("condition" in binding for binding in policy["bindings"]):
            policy["version"] = 3
        self._policies[resource] = policy
        return deepcopy(policy)

    def forget(self, resource: str) -> None:
        """Drop the policy of a resource that is gone."""
        self._policies.pop(resource, None)

    def allows(self, resource: str, role: str, member: str) -> bool:
        """Whether the policy of this resource itself gives a member a role."""
        bindings = self.get(resource).get("bindings", [])
        return any(each["role"] == role and member in each["members"] for each in bindings)

    def mark_deleted(self, email: str, unique_id: str) -> None:
        """Have every policy say that an account is gone."""
        gone = f"deleted:serviceAccount:{email}?uid={unique_id}"
        for policy in self._policies.values():
            for binding in policy.get("bindings", []):
                if f"serviceAccount:{email}" in binding["members"]:
                    binding["members"].remove(f"serviceAccount:{email}")
                    binding["members"].append(gone)
                    policy["etag"] = self._etag()

    def _etag(self) -> str:
        return base64.b64encode(b"\x07\x06" + next(self._etags).to_bytes(6)).decode()

    def _merged(self, bindings: Iterable[Json]) -> list[Json]:
        """One binding for each role and condition, with its members in order, as Google keeps."""
        merged: dict[str, Json] = {}
        for binding in bindings:
            require_fields(binding, ("role", "members", "condition"), "a binding")
            if binding.get("role") not in ROLES:
                raise GoogleError(400, f"Role {binding.get('role')} is not supported.")
            condition = binding.get("condition")
            kept = {**binding, "members": []}
            known = merged.setdefault(f"{binding['role']} {condition}", kept)
            members = {*known["members"], *map(self._member, binding.get("members", []))}
            known["members"] = sorted(members)
        return [merged[key] for key in sorted(merged) if merged[key]["members"]]

    def _member(self, member: str) -> str:
        kind, _, name = member.partition(":")
        if kind == "serviceAccount":
            if not self._exists(name):
                raise GoogleError(400, f"Service account {name} does not exist.")
        elif member not in ("allUsers", "allAuthenticatedUsers") and (
            kind not in _KINDS or not name
        ):
            raise GoogleError(400, f"The member {member} is of an unknown type.")
        return member
