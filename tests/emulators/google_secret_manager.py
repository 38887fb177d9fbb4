"""Secret Manager, version 1: what a request about a secret does, and what it is told.

https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets
"""

import base64
import binascii
import re

import google_crc32c

from emulators.google_api import Asked, GoogleError, Json, Route, require_fields
from emulators.google_secrets import Secret, Secrets, Version

_SECRET_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")
_LARGEST_PAYLOAD = 64 * 1024  # bytes
_STANDARD = str.maketrans("-_", "+/")  # Google takes both alphabets, and gcloud sends this one
_STATES = ("ENABLED", "DISABLED", "DESTROYED")


class SecretManager:
    """The API in front of the secrets."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

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

    def _list(self, _: Asked) -> Json:
        told = [self._told(secret) for secret in self._secrets.secrets.values()]
        return {"secrets": told, "totalSize": len(told)} if told else {}

    def _create(self, asked: Asked) -> Json:
        name, told = asked.query.get("secretId", ""), asked.body
        require_fields(told, ("replication", "labels"), "a secret")
        if not _SECRET_ID.fullmatch(name):
            raise GoogleError(400, f"Secret ids are expected to match {_SECRET_ID.pattern}.")
        if told.get("replication") != {"automatic": {}}:
            raise GoogleError(501, f"the stand-in does not offer {told.get('replication')}")
        if name in self._secrets.secrets:
            raise GoogleError(409, f"Secret [{self._secrets.resource(name)}] already exists.")
        self._secrets.secrets[name] = Secret(name, told.get("labels", {}))
        return self._told(self._secrets.secrets[name])

    def _get(self, asked: Asked) -> Json:
        return self._told(self._secret(asked))

    def _delete(self, asked: Asked) -> Json:
        name = self._secret(asked).name
        del self._secrets.secrets[name]
        self._secrets.policies.forget(self._secrets.policy_resource(name))
        return {}

    def _policy(self, asked: Asked) -> Json:
        name = self._secret(asked).name
        return self._secrets.policies.get(self._secrets.policy_resource(name))

    def _set_policy(self, asked: Asked) -> Json:
        name = self._secret(asked).name
        return self._secrets.policies.set(self._secrets.policy_resource(name), asked.body)

    def _add_version(self, asked: Asked) -> Json:
        secret, told = self._secret(asked), asked.body.get("payload", {})
        data = _payload(told)
        version = Version(len(secret.versions) + 1, data, "dataCrc32c" in told)
        secret.versions.append(version)
        return self._told_version(secret.name, version)

    def _list_versions(self, asked: Asked) -> Json:
        secret, wanted = self._secret(asked), asked.query.get("filter", "")
        state = wanted.removeprefix("state:").removeprefix("state=")
        if state not in ("", *_STATES):
            raise GoogleError(501, f"the stand-in does not offer the filter {wanted}")
        found = [each for each in reversed(secret.versions) if each.state == (state or each.state)]
        told = [self._told_version(secret.name, version) for version in found]
        return {"versions": told, "totalSize": len(told)} if told else {}

    def _get_version(self, asked: Asked) -> Json:
        name, number = asked.names["secret"], asked.names["version"]
        return self._told_version(name, self._secrets.version(name, number))

    def _access(self, asked: Asked) -> Json:
        name, number = asked.names["secret"], asked.names["version"]
        version = self._secrets.readable(name, number)
        data = base64.b64encode(version.payload).decode()
        payload = {"data": data, "dataCrc32c": str(_checksum(version.payload))}
        return {"name": self._told_version(name, version)["name"], "payload": payload}

    def _enable(self, asked: Asked) -> Json:
        return self._moved(asked, "ENABLED")

    def _disable(self, asked: Asked) -> Json:
        return self._moved(asked, "DISABLED")

    def _destroy(self, asked: Asked) -> Json:
        return self._moved(asked, "DESTROYED")

    def _moved(self, asked: Asked, state: str) -> Json:
        name, number = asked.names["secret"], asked.names["version"]
        return self._told_version(name, self._secrets.move(name, number, state))

    def _secret(self, asked: Asked) -> Secret:
        return self._secrets.find(asked.names["secret"])

    def _told(self, secret: Secret) -> Json:
        return {
            "name": self._secrets.resource(secret.name),
            "replication": {"automatic": {}},
            "createTime": secret.created_at,
            "labels": secret.labels,
            "etag": f'"{len(secret.versions):x}"',
        }

    def _told_version(self, name: str, version: Version) -> Json:
        return {
            "name": f"{self._secrets.resource(name)}/versions/{version.number}",
            "createTime": version.created_at,
            "state": version.state,
            "replicationStatus": {"automatic": {}},
            "clientSpecifiedPayloadChecksum": version.is_checked,
            "etag": f'"{version.number:x}{version.state}"',
        }


def _payload(told: Json) -> bytes:
    """The bytes of a new version, as long as they may be and as their checksum says."""
    sent = str(told.get("data", "")).translate(_STANDARD)
    try:
        data = base64.b64decode(sent, validate=True)
    except binascii.Error as error:
        raise GoogleError(400, "Invalid value at 'payload.data' (TYPE_BYTES)") from error
    if not data:
        raise GoogleError(400, "Secret Payload cannot be empty.")
    if len(data) > _LARGEST_PAYLOAD:
        raise GoogleError(400, "The field [payload.data] must be at most 65536 bytes.")
    if int(told.get("dataCrc32c", _checksum(data))) != _checksum(data):
        raise GoogleError(400, "Secret Payload checksum does not match.")
    return data


def _checksum(data: bytes) -> int:
    return int(google_crc32c.value(data))
