"""IAM, version 1: service accounts and the policies that say who may use them.

Limits and wordings are those of
https://cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts.
"""

import re
from dataclasses import dataclass, field
from itertools import count

from emulators.google_api import Asked, GoogleError, Json, Route, timestamp
from emulators.google_policies import Policies
from emulators.google_projects import Project
from emulators.google_signing import PrivateKey

PATH = "/v1/projects/{project}/serviceAccounts"
SERVICE = "iam.googleapis.com"

_ACCOUNT_ID = re.compile(r"[a-z](?:[-a-z0-9]{4,28}[a-z0-9])")
_FIRST_UNIQUE_ID = 100_000_000_000_000_000_001  # as long as Google's


@dataclass
class AccountKey:
    """A key that somebody made."""

    id: str
    private: PrivateKey
    created_at: str = field(default_factory=timestamp)
    is_disabled: bool = False


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
    """The service accounts of a project; `own` is the one that Google made."""

    def __init__(self, project: Project, own: str) -> None:
        self.project = project
        self._own = own
        self._unique_ids = count(_FIRST_UNIQUE_ID)
        self.policies = Policies(self.exists)
        self.accounts: dict[str, Account] = {}

    def exists(self, email: str) -> bool:
        """Whether an account of this name may stand in a policy."""
        return email in self.accounts or email == self._own

    def find(self, asked: Asked) -> Account:
        """The account that a request is about; a 404 where there is none."""
        email = asked.names["account"]
        if email not in self.accounts:
            raise GoogleError(404, f"Unknown service account {self.resource(email)}")
        return self.accounts[email]

    def resource(self, email: str) -> str:
        """An account's name, under which its policy is kept."""
        return f"{self.project.resource}/serviceAccounts/{email}"

    def routes(self) -> list[Route]:
        """What is offered."""
        one = PATH + "/{account}"
        offered = {
            "list": ("GET", PATH, self._list),
            "create": ("POST", PATH, self._create),
            "get": ("GET", one, self._get),
            "delete": ("DELETE", one, self._delete),
            "enable": ("POST", f"{one}:enable", self._enable),
            "disable": ("POST", f"{one}:disable", self._disable),
            "getIamPolicy": ("POST", f"{one}:getIamPolicy", self._policy),
            "setIamPolicy": ("POST", f"{one}:setIamPolicy", self._set_policy),
        }
        return [
            Route("iam", f"serviceAccounts.{name}", *told, SERVICE)
            for name, told in offered.items()
        ]

    def _list(self, _: Asked) -> Json:
        return {"accounts": [self._told(each) for each in self.accounts.values()]}

    def _create(self, asked: Asked) -> Json:
        name, told = asked.body.get("accountId", ""), asked.body.get("serviceAccount", {})
        if not _ACCOUNT_ID.fullmatch(name):
            raise GoogleError(400, f"Service account id {name!r} must match {_ACCOUNT_ID.pattern}.")
        email = f"{name}@{self.project.id}.iam.gserviceaccount.com"
        if email in self.accounts:
            where = f"within project {self.project.resource}"
            raise GoogleError(409, f"Service account {name} already exists {where}.")
        texts = told.get("displayName", ""), told.get("description", "")
        self.accounts[email] = Account(email, str(next(self._unique_ids)), *texts)
        return self._told(self.accounts[email])

    def _get(self, asked: Asked) -> Json:
        return self._told(self.find(asked))

    def _delete(self, asked: Asked) -> Json:
        account = self.find(asked)
        del self.accounts[account.email]
        self.policies.forget(self.resource(account.email))
        self.policies.mark_deleted(account.email, account.unique_id)
        return {}

    def _enable(self, asked: Asked) -> Json:
        self.find(asked).is_disabled = False
        return {}

    def _disable(self, asked: Asked) -> Json:
        self.find(asked).is_disabled = True
        return {}

    def _policy(self, asked: Asked) -> Json:
        return self.policies.get(self.resource(self.find(asked).email))

    def _set_policy(self, asked: Asked) -> Json:
        return self.policies.set(self.resource(self.find(asked).email), asked.body)

    def _told(self, account: Account) -> Json:
        told: Json = {
            "name": self.resource(account.email),
            "projectId": self.project.id,
            "uniqueId": account.unique_id,
            "email": account.email,
            "displayName": account.display_name,
            "description": account.description,
            "oauth2ClientId": account.unique_id,
        }
        return {**told, "disabled": True} if account.is_disabled else told
