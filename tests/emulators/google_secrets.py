"""Secrets as they are kept: versions whose numbers are never used again, and who may read them.

A destroyed version's payload is gone; wordings as of
https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions.
"""

from dataclasses import dataclass, field

from emulators.google_api import GoogleError, timestamp
from emulators.google_policies import Policies
from emulators.google_projects import Project

_ACCESSOR = "roles/secretmanager.secretAccessor"


@dataclass
class Version:
    """One version; `state` is ENABLED, DISABLED or DESTROYED, and then there is no payload."""

    number: int
    payload: bytes
    is_checked: bool  # against a checksum that came along
    state: str = "ENABLED"
    created_at: str = field(default_factory=timestamp)


@dataclass
class Secret:
    """A secret, with its versions in their order."""

    name: str
    labels: dict[str, str]
    versions: list[Version] = field(default_factory=list)
    created_at: str = field(default_factory=timestamp)


class Secrets:
    """The secrets of a project, by their names."""

    def __init__(self, project: Project, policies: Policies) -> None:
        self.project, self.policies = project, policies
        self.secrets: dict[str, Secret] = {}

    def resource(self, name: str) -> str:
        """A secret's name as it is told, with the project's number."""
        return f"projects/{self.project.number}/secrets/{name}"

    def policy_resource(self, name: str) -> str:
        """The name under which its policy is kept."""
        return f"{self.project.resource}/secrets/{name}"

    def find(self, name: str) -> Secret:
        """The secret; a 404 where there is none."""
        if name not in self.secrets:
            raise GoogleError(404, f"Secret [{self.resource(name)}] not found.")
        return self.secrets[name]

    def version(self, name: str, number: str) -> Version:
        """A version by its number; the latest is the newest one, in whatever state."""
        versions = self.find(name).versions
        if number == "latest" and versions:
            return versions[-1]
        for version in versions:
            if str(version.number) == number:
                return version
        raise GoogleError(404, f"Secret Version [{self._version(name, number)}] not found.")

    def readable(self, name: str, number: str) -> Version:
        """A version that is enabled."""
        version = self.version(name, number)
        if version.state != "ENABLED":
            raise self._in_state(name, version)
        return version

    def move(self, name: str, number: str, state: str) -> Version:
        """Bring a version into another state; out of DESTROYED no way leads."""
        version = self.version(name, number)
        if version.state == "DESTROYED":
            raise self._in_state(name, version)
        version.state = state
        if state == "DESTROYED":
            version.payload = b""
        return version

    def payload(self, name: str, number: str, email: str) -> bytes:
        """What a version holds, for an account that has to have the right to read it."""
        self.find(name)
        places = self.policy_resource(name), self.project.resource
        member = f"serviceAccount:{email}"
        if not any(self.policies.allows(place, _ACCESSOR, member) for place in places):
            what = f"resource '{self._version(name, number)}' (or it may not exist)."
            message = f"Permission 'secretmanager.versions.access' denied for {what}"
            raise GoogleError(403, message)
        return self.readable(name, number).payload

    def _in_state(self, name: str, version: Version) -> GoogleError:
        what = self._version(name, str(version.number))
        message = f"Secret Version [{what}] is in {version.state} state."
        return GoogleError(400, message, "FAILED_PRECONDITION")

    def _version(self, name: str, number: str) -> str:
        return f"{self.resource(name)}/versions/{number}"
