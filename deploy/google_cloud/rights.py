"""Who may do what: the roles of `deploy/roles.json`, no more and no less, for our own accounts.

Each resource's policy is compared with the file; what is missing is granted, what is more is taken
away, and whoever else is named there stays.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from deploy_settings import ROOT, DeploySettings
from google_cloud.gcloud import Gcloud

ROLES_FILE = ROOT / "deploy" / "roles.json"
PROJECT = "project"
EVERYBODY = frozenset({"allUsers", "allAuthenticatedUsers"})  # of whom none may do anything

Grant = tuple[str, str]  # role and member


@dataclass(frozen=True)
class Resource:
    """What a policy is about: `group` is its part of gcloud, `kind` its part of roles.json."""

    kind: str
    group: tuple[str, ...]
    name: str
    place: tuple[str, ...] = ()


def accounts() -> dict[str, Any]:
    """The accounts of roles.json by their role's name, each with `why` and its roles."""
    told: dict[str, Any] = json.loads(ROLES_FILE.read_text())["accounts"]
    return told


def bucket(settings: DeploySettings) -> Resource:
    """Where the backups lie."""
    return Resource("bucket", ("storage", "buckets"), f"gs://{settings.gcs_bucket_name}")


def secret(name: str) -> Resource:
    """A token or an address."""
    return Resource("secrets", ("secrets",), name)


def service(settings: DeploySettings) -> Resource:
    """What runs the function: a function of the second generation has no policy of its own."""
    place = (f"--region={settings.gcp_region}",)
    return Resource("service", ("run", "services"), settings.function_name, place)


def project(settings: DeploySettings) -> Resource:
    """All of it, where our accounts have no role."""
    return Resource(PROJECT, ("projects",), settings.gcp_project_id)


def bring_rights(gcloud: Gcloud, settings: DeploySettings, resource: Resource) -> None:
    """Give our accounts just what they should have of a resource."""
    look = *resource.group, "get-iam-policy", resource.name, *resource.place
    policy = gcloud.find(*look) or {}
    found = set(_grants(policy))
    ours = {_member(settings, role) for role in accounts()}
    for role, member in sorted(set(_grants(policy, conditional=True))):
        if member in ours:
            gcloud.tell(f"  ! {member} has {role} under a condition, and keeps it")
    if resource.kind != PROJECT:  # what others have there lets everybody in on purpose, perhaps
        ours |= EVERYBODY
    wanted = set(_wanted(settings, resource))
    for role, member in sorted(wanted - found):
        _change(gcloud, resource, "add", role, member)
    for role, member in sorted(found - wanted):
        if member in ours:
            _change(gcloud, resource, "remove", role, member)


def take_all(gcloud: Gcloud, settings: DeploySettings, resource: Resource) -> None:
    """Take away every role that our accounts have of a resource."""
    look = *resource.group, "get-iam-policy", resource.name, *resource.place
    ours = {_member(settings, role) for role in accounts()}
    for role, member in sorted(set(_grants(gcloud.find(*look) or {}))):
        if member in ours:
            _change(gcloud, resource, "remove", role, member)


def _wanted(settings: DeploySettings, resource: Resource) -> Iterator[Grant]:
    for account, told in accounts().items():
        for role in told.get(resource.kind, ()):
            yield role, _member(settings, account)


def _grants(policy: dict[str, Any], *, conditional: bool = False) -> Iterator[Grant]:
    """Those without a condition, or those under one, which are somebody's own."""
    for binding in policy.get("bindings", ()):
        if ("condition" in binding) == conditional:
            for member in binding.get("members", ()):
                yield binding["role"], member


def _change(gcloud: Gcloud, resource: Resource, verb: str, role: str, member: str) -> None:
    grant = f"--role={role}", f"--member={member}", "--condition=None"
    change = f"{verb}-iam-policy-binding"
    gcloud.change(*resource.group, change, resource.name, *resource.place, *grant)


def _member(settings: DeploySettings, account: str) -> str:
    return f"serviceAccount:{settings.account(account)}"
