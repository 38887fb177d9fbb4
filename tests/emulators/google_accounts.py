"""IAM, version 1: service accounts, their keys and their policies.

A key is a real one, whose file is given once. Limits and wordings are those of
https://cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts.
"""

import base64
import json
import re
from dataclasses import dataclass, field
from itertools import count
from secrets import token_hex

from emulators.google_api import Act, Asked, GoogleError, Json, Route, timestamp
from emulators.google_policies import Policies
from emulators.google_projects import Project
from emulators.google_signing import PrivateKey

_ACCOUNT_ID = re.compile(r"[a-z](?:[-a-z0-9]{4,28}[a-z0-9])")
_MOST_KEYS = 10  # of a person's making, for each account
_FIRST_UNIQUE_ID = 100_000_000_000_000_000_001  # as long as Google's


@dataclass
class AccountKey:
    """A key that somebody made."""

    id: str
    private: PrivateKey
    created_at: str = field(default_factory=timestamp)


@dataclass
class Account:
    """A service account; `keys` are those that somebody made, by their ids."""

    email: str
    unique_id: str
    display_name: str = ""
    description: str = ""
    is_disabled: bool = False
    keys: dict[str, AccountKey] = field(default_factory=dict)


class Accounts:
    """The service accounts of a project; of those in `given`, Google takes care itself."""

    def __init__(self, project: Project, token_uri: str, given: tuple[str, ...] = ()) -> None:
        self._project, self._token_uri = project, token_uri
        self._unique_ids = count(_FIRST_UNIQUE_ID)
        self._given = given
        self.policies = Policies(self.exists)
        self.accounts: dict[str, Account] = {}

    def exists(self, email: str) -> bool:
        """Whether a member of this name may stand in a policy."""
        return email in self.accounts or email in self._given

    def find(self, email: str) -> Account:
        """The account; a 404 where there is none."""
        if email not in self.accounts:
            raise GoogleError(404, f"Unknown service account {self._resource(email)}")
        return self.accounts[email]

    def routes(self) -> list[Route]:
        """What is offered."""
        many = "/v1/projects/{project}/serviceAccounts"
        one = many + "/{account}"
        return [
            _route("serviceAccounts.list", "GET", many, self._list),
            _route("serviceAccounts.create", "POST", many, self._create),
            _route("serviceAccounts.get", "GET", one, self._get),
            _route("serviceAccounts.delete", "DELETE", one, self._delete),
            _route("serviceAccounts.enable", "POST", f"{one}:enable", self._enable),
            _route("serviceAccounts.disable", "POST", f"{one}:disable", self._disable),
            _route("serviceAccounts.getIamPolicy", "POST", f"{one}:getIamPolicy", self._policy),
            _route("serviceAccounts.setIamPolicy", "POST", f"{one}:setIamPolicy", self._set_policy),
            _route("serviceAccounts.keys.list", "GET", f"{one}/keys", self._list_keys),
            _route("serviceAccounts.keys.create", "POST", f"{one}/keys", self._create_key),
            _route("serviceAccounts.keys.delete", "DELETE", one + "/keys/{key}", self._delete_key),
        ]

    def _list(self, _: Asked) -> Json:
        return {"accounts": [self._told(each) for each in self.accounts.values()]}

    def _create(self, asked: Asked) -> Json:
        name, told = asked.body.get("accountId", ""), asked.body.get("serviceAccount", {})
        if not _ACCOUNT_ID.fullmatch(name):
            raise GoogleError(400, f"Service account id {name!r} must match {_ACCOUNT_ID.pattern}.")
        email = f"{name}@{self._project.id}.iam.gserviceaccount.com"
        if email in self.accounts:
            where = f"within project {self._project.resource}"
            raise GoogleError(409, f"Service account {name} already exists {where}.")
        texts = told.get("displayName", ""), told.get("description", "")
        self.accounts[email] = Account(email, str(next(self._unique_ids)), *texts)
        return self._told(self.accounts[email])

    def _get(self, asked: Asked) -> Json:
        return self._told(self._account(asked))

    def _delete(self, asked: Asked) -> Json:
        account = self._account(asked)
        del self.accounts[account.email]
        self.policies.forget(self._resource(account.email))
        self.policies.mark_deleted(account.email, account.unique_id)
        return {}

    def _enable(self, asked: Asked) -> Json:
        self._account(asked).is_disabled = False
        return {}

    def _disable(self, asked: Asked) -> Json:
        self._account(asked).is_disabled = True
        return {}

    def _policy(self, asked: Asked) -> Json:
        return self.policies.get(self._resource(self._account(asked).email))

    def _set_policy(self, asked: Asked) -> Json:
        return self.policies.set(self._resource(self._account(asked).email), asked.body)

    def _list_keys(self, asked: Asked) -> Json:
        account = self._account(asked)
        keys = [self._told_key(account, key) for key in account.keys.values()]
        kinds = asked.query.get("keyTypes", "")
        if kinds not in ("", "USER_MANAGED"):
            raise GoogleError(501, f"the stand-in does not offer keys of the type {kinds}")
        return {"keys": keys if kinds else [*keys, self._own_key(account)]}

    def _create_key(self, asked: Asked) -> Json:
        account = self._account(asked)
        if len(account.keys) == _MOST_KEYS:
            raise GoogleError(400, "Precondition check failed.", "FAILED_PRECONDITION")
        key = AccountKey(token_hex(20), PrivateKey())
        account.keys[key.id] = key
        data = base64.b64encode(json.dumps(self._key_file(account, key)).encode()).decode()
        kind = "TYPE_GOOGLE_CREDENTIALS_FILE"
        return {**self._told_key(account, key), "privateKeyData": data, "privateKeyType": kind}

    def _delete_key(self, asked: Asked) -> Json:
        account, key = self._account(asked), asked.names["key"]
        if key not in account.keys:
            raise GoogleError(404, f"Service account key {key} does not exist.")
        del account.keys[key]
        return {}

    def _account(self, asked: Asked) -> Account:
        return self.find(asked.names["account"])

    def _resource(self, email: str) -> str:
        return f"{self._project.resource}/serviceAccounts/{email}"

    def _told(self, account: Account) -> Json:
        told: Json = {
            "name": self._resource(account.email),
            "projectId": self._project.id,
            "uniqueId": account.unique_id,
            "email": account.email,
            "displayName": account.display_name,
            "description": account.description,
            "oauth2ClientId": account.unique_id,
            "etag": "MDEwMjE5MjA=",
        }
        return {**told, "disabled": True} if account.is_disabled else told

    def _told_key(self, account: Account, key: AccountKey) -> Json:
        return {
            "name": f"{self._resource(account.email)}/keys/{key.id}",
            "validAfterTime": key.created_at,
            "validBeforeTime": "9999-12-31T23:59:59Z",
            "keyAlgorithm": "KEY_ALG_RSA_2048",
            "keyOrigin": "GOOGLE_PROVIDED",
            "keyType": "USER_MANAGED",
        }

    def _own_key(self, account: Account) -> Json:
        key = AccountKey(f"{account.unique_id:0>40}", PrivateKey())
        return {**self._told_key(account, key), "keyType": "SYSTEM_MANAGED"}

    def _key_file(self, account: Account, key: AccountKey) -> Json:
        return {
            "type": "service_account",
            "project_id": self._project.id,
            "private_key_id": key.id,
            "private_key": key.private.pem,
            "client_email": account.email,
            "client_id": account.unique_id,
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": self._token_uri,
            "universe_domain": "googleapis.com",
        }


def _route(method: str, verb: str, template: str, act: Act) -> Route:
    return Route("iam", method, verb, template, act, "iam.googleapis.com")
