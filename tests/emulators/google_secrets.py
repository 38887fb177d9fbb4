"""Secret Manager, version 1: secrets, their versions, and their policies.

Numbers of versions are never used again, and a destroyed version's payload is gone; wordings as
of https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions.
"""

import base64
import re
from dataclasses import dataclass, field

import google_crc32c

from emulators.google_api import Asked, GoogleError, Json, Route, require_fields, timestamp
from emulators.google_policies import Policies
from emulators.google_projects import Project

_SECRET_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")
_LARGEST_PAYLOAD = 64 * 1024  # bytes
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
        self._project, self._policies = project, policies
        self.secrets: dict[str, Secret] = {}

    def routes(self) -> list[Route]:
        """What is offered."""
        many = "/v1/projects/{project}/secrets"
        one = many + "/{secret}"
        versions, version = f"{one}/versions", one + "/versions/{version}"
        offered = {
            "list": ("GET", many, self._list),
            "create": ("POST", many, self._create),
            "get": ("GET", one, self._get),
            "delete": ("DELETE", one, self._delete),
            "addVersion": ("POST", f"{one}:addVersion", self._add_version),
            "getIamPolicy": ("GET", f"{one}:getIamPolicy", self._policy),
            "setIamPolicy": ("POST", f"{one}:setIamPolicy", self._set_policy),
            "versions.list": ("GET", versions, self._list_versions),
            "versions.get": ("GET", version, self._get_version),
            "versions.access": ("GET", f"{version}:access", self._access),
            "versions.enable": ("POST", f"{version}:enable", self._enable),
            "versions.disable": ("POST", f"{version}:disable", self._disable),
            "versions.destroy": ("POST", f"{version}:destroy", self._destroy),
        }
        service = "secretmanager.googleapis.com"
        return [
            Route("secretmanager", f"secrets.{method}", *told, service)
            for method, told in offered.items()
        ]

    def payload(self, name: str, number: str, email: str) -> bytes:
        """What a version holds, for an account that has to have the right to read it."""
        secret = self._find(name)
        resource, member = f"{self._project.resource}/secrets/{name}", f"serviceAccount:{email}"
        if not any(
            self._policies.allows(where, _ACCESSOR, member)
            for where in (resource, self._project.resource)
        ):
            what = f"{self._resource(name)}/versions/{number}"
            permission = "secretmanager.versions.access"
            message = (
                f"Permission '{permission}' denied for resource '{what}' (or it may not exist)."
            )
            raise GoogleError(403, message)
        return self._readable(secret, number).payload

    def _list(self, _: Asked) -> Json:
        told = [self._told(secret) for secret in self.secrets.values()]
        return {"secrets": told, "totalSize": len(told)} if told else {}

    def _create(self, asked: Asked) -> Json:
        name, told = asked.query.get("secretId", ""), asked.body
        require_fields(told, ("replication", "labels"), "a secret")
        if not _SECRET_ID.fullmatch(name):
            raise GoogleError(400, f"Secret ids are expected to match {_SECRET_ID.pattern}.")
        if told.get("replication") != {"automatic": {}}:
            raise GoogleError(501, f"the stand-in does not offer {told.get('replication')}")
        if name in self.secrets:
            raise GoogleError(409, f"Secret [{self._resource(name)}] already exists.")
        self.secrets[name] = Secret(name, told.get("labels", {}))
        return self._told(self.secrets[name])

    def _get(self, asked: Asked) -> Json:
        return self._told(self._secret(asked))

    def _delete(self, asked: Asked) -> Json:
        name = self._secret(asked).name
        del self.secrets[name]
        self._policies.forget(f"{self._project.resource}/secrets/{name}")
        return {}

    def _policy(self, asked: Asked) -> Json:
        return self._policies.get(f"{self._project.resource}/secrets/{self._secret(asked).name}")

    def _set_policy(self, asked: Asked) -> Json:
        resource = f"{self._project.resource}/secrets/{self._secret(asked).name}"
        return self._policies.set(resource, asked.body)

    def _add_version(self, asked: Asked) -> Json:
        secret, told = self._secret(asked), asked.body.get("payload", {})
        data = base64.b64decode(told.get("data", ""), validate=True)
        if not data:
            raise GoogleError(400, "Secret Payload cannot be empty.")
        if len(data) > _LARGEST_PAYLOAD:
            raise GoogleError(400, "The field [payload.data] must be at most 65536 bytes.")
        if int(told.get("dataCrc32c", _checksum(data))) != _checksum(data):
            raise GoogleError(400, "Secret Payload checksum does not match.")
        version = Version(len(secret.versions) + 1, data, "dataCrc32c" in told)
        secret.versions.append(version)
        return self._told_version(secret, version)

    def _list_versions(self, asked: Asked) -> Json:
        secret, wanted = self._secret(asked), asked.query.get("filter", "")
        state = wanted.removeprefix("state:").removeprefix("state=")
        if state not in ("", "ENABLED", "DISABLED", "DESTROYED"):
            raise GoogleError(501, f"the stand-in does not offer the filter {wanted}")
        found = [each for each in reversed(secret.versions) if each.state == (state or each.state)]
        told = [self._told_version(secret, version) for version in found]
        return {"versions": told, "totalSize": len(told)} if told else {}

    def _get_version(self, asked: Asked) -> Json:
        secret = self._secret(asked)
        return self._told_version(secret, self._version(secret, asked.names["version"]))

    def _access(self, asked: Asked) -> Json:
        secret = self._secret(asked)
        version = self._readable(secret, asked.names["version"])
        data = base64.b64encode(version.payload).decode()
        payload = {"data": data, "dataCrc32c": str(_checksum(version.payload))}
        return {"name": self._version_resource(secret, version), "payload": payload}

    def _enable(self, asked: Asked) -> Json:
        return self._moved(asked, "ENABLED")

    def _disable(self, asked: Asked) -> Json:
        return self._moved(asked, "DISABLED")

    def _destroy(self, asked: Asked) -> Json:
        return self._moved(asked, "DESTROYED")

    def _moved(self, asked: Asked, state: str) -> Json:
        secret = self._secret(asked)
        version = self._version(secret, asked.names["version"])
        if version.state == "DESTROYED":
            raise self._in_state(secret, version)
        version.state = state
        if state == "DESTROYED":
            version.payload = b""
        return self._told_version(secret, version)

    def _secret(self, asked: Asked) -> Secret:
        return self._find(asked.names["secret"])

    def _find(self, name: str) -> Secret:
        if name not in self.secrets:
            raise GoogleError(404, f"Secret [{self._resource(name)}] not found.")
        return self.secrets[name]

    def _version(self, secret: Secret, number: str) -> Version:
        """A version by its number; the latest is the newest one, in whatever state."""
        if number == "latest" and secret.versions:
            return secret.versions[-1]
        for version in secret.versions:
            if str(version.number) == number:
                return version
        what = f"{self._resource(secret.name)}/versions/{number}"
        raise GoogleError(404, f"Secret Version [{what}] not found.")

    def _readable(self, secret: Secret, number: str) -> Version:
        version = self._version(secret, number)
        if version.state != "ENABLED":
            raise self._in_state(secret, version)
        return version

    def _in_state(self, secret: Secret, version: Version) -> GoogleError:
        what = self._version_resource(secret, version)
        message = f"Secret Version [{what}] is in {version.state} state."
        return GoogleError(400, message, "FAILED_PRECONDITION")

    def _resource(self, name: str) -> str:
        return f"projects/{self._project.number}/secrets/{name}"

    def _version_resource(self, secret: Secret, version: Version) -> str:
        return f"{self._resource(secret.name)}/versions/{version.number}"

    def _told(self, secret: Secret) -> Json:
        return {
            "name": self._resource(secret.name),
            "replication": {"automatic": {}},
            "createTime": secret.created_at,
            "labels": secret.labels,
            "etag": f'"{len(secret.versions):x}"',
        }

    def _told_version(self, secret: Secret, version: Version) -> Json:
        return {
            "name": self._version_resource(secret, version),
            "createTime": version.created_at,
            "state": version.state,
            "replicationStatus": {"automatic": {}},
            "clientSpecifiedPayloadChecksum": version.is_checked,
            "etag": f'"{version.number:x}{version.state}"',
        }


def _checksum(data: bytes) -> int:
    return int(google_crc32c.value(data))
