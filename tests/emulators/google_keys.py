"""IAM, version 1: keys of service accounts, real ones, whose file is given once.

https://cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts.keys
"""

import base64
import json
from secrets import token_hex

from emulators.google_accounts import PATH, SERVICE, Account, AccountKey, Accounts
from emulators.google_api import Asked, GoogleError, Json, Route
from emulators.google_signing import PrivateKey

_MOST_KEYS = 10  # of a person's making, for each account


class AccountKeys:
    """The keys of all accounts; `token_uri` is where their holders get tokens."""

    def __init__(self, accounts: Accounts, token_uri: str) -> None:
        self._accounts, self._token_uri = accounts, token_uri

    def routes(self) -> list[Route]:
        """What is offered."""
        many = PATH + "/{account}/keys"
        offered = {
            "list": ("GET", many, self._list),
            "create": ("POST", many, self._create),
            "delete": ("DELETE", many + "/{key}", self._delete),
        }
        return [
            Route("iam", f"serviceAccounts.keys.{name}", *told, SERVICE)
            for name, told in offered.items()
        ]

    def _list(self, asked: Asked) -> Json:
        account, kinds = self._accounts.find(asked), asked.query.get("keyTypes", "")
        if kinds != "USER_MANAGED":
            raise GoogleError(
                501, f"the stand-in does not offer keys of the types {kinds or 'all'}"
            )
        return {"keys": [self._told(account, key) for key in account.keys.values()]}

    def _create(self, asked: Asked) -> Json:
        account = self._accounts.find(asked)
        if len(account.keys) == _MOST_KEYS:
            raise GoogleError(400, "Precondition check failed.", "FAILED_PRECONDITION")
        key = AccountKey(token_hex(20), PrivateKey())
        account.keys[key.id] = key
        data = base64.b64encode(json.dumps(self._file(account, key)).encode()).decode()
        kind = "TYPE_GOOGLE_CREDENTIALS_FILE"
        return {**self._told(account, key), "privateKeyData": data, "privateKeyType": kind}

    def _delete(self, asked: Asked) -> Json:
        account, key = self._accounts.find(asked), asked.names["key"]
        if key not in account.keys:
            raise GoogleError(404, f"Service account key {key} does not exist.")
        del account.keys[key]
        return {}

    def _told(self, account: Account, key: AccountKey) -> Json:
        told: Json = {
            "name": f"{self._accounts.resource(account.email)}/keys/{key.id}",
            "validAfterTime": key.created_at,
            "validBeforeTime": "9999-12-31T23:59:59Z",
            "keyAlgorithm": "KEY_ALG_RSA_2048",
            "keyOrigin": "GOOGLE_PROVIDED",
            "keyType": "USER_MANAGED",
        }
        return {**told, "disabled": True} if key.is_disabled else told

    def _file(self, account: Account, key: AccountKey) -> Json:
        return {
            "type": "service_account",
            "project_id": self._accounts.project.id,
            "private_key_id": key.id,
            "private_key": key.private.pem,
            "client_email": account.email,
            "client_id": account.unique_id,
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": self._token_uri,
            "universe_domain": "googleapis.com",
        }
