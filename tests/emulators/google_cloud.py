"""A stand-in for Google's control plane that the real gcloud talks to, over loopback.

    with GoogleCloudFake() as cloud:
        environment = os.environ | cloud.environment(tmp_path / "gcloud")
        subprocess.run(["gcloud", "secrets", "list", "--project=p1"], env=environment, check=True)

One project exists, one person is signed in, or signs in as `Person` does, and all state is in
memory. What is not offered is refused with a 501 that names it. `plan` has calls fail; `calls` and
`changes` tell of them.
"""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from tempfile import TemporaryDirectory
from threading import Lock, RLock
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from emulators.google_accounts import Account, Accounts
from emulators.google_api import Asked, GoogleError, Json, Route, as_answer
from emulators.google_deployment import Deployer, Deployment
from emulators.google_failures import Failure, Failures
from emulators.google_front import Invocation
from emulators.google_functions import Functions
from emulators.google_gcloud import RUN_HOST, environment, signed_out_environment
from emulators.google_keys import AccountKeys
from emulators.google_logs import Logs
from emulators.google_projects import Project, ResourceManager
from emulators.google_run import Run
from emulators.google_secret_manager import SecretManager
from emulators.google_secrets import Secret, Secrets
from emulators.google_services import ServiceUsage
from emulators.google_sign_in import SignIn
from emulators.google_tokens import Tokens
from emulators.storage_answers import Answer
from emulators.storage_api import Request
from emulators.storage_server import StorageServer

PROJECT, NUMBER, OPERATOR = "p1", "123456789012", "owner@example.com"


@dataclass(frozen=True)
class Call:
    """A request, with the status of its answer; `changes` if it was one that changes something."""

    api: str  # as in gcloud's settings of endpoints: iam, secretmanager, cloudfunctions, run ...
    method: str  # as Google names it: secrets.versions.access; unknown where none fits
    resource: str  # without the API's version: projects/p1/secrets/token
    status: int
    changes: bool


class GoogleCloudFake:
    """A running stand-in; `token_uri` is what keys name, by default its own `/token`."""

    def __init__(
        self,
        project: str = PROJECT,
        *,
        number: str = NUMBER,
        operator: str = OPERATOR,
        token_uri: str = "",
        serve: Callable[[Deployment], str] | None = None,
    ) -> None:
        self._server = StorageServer(0, lambda *_: False, self._answer)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.project, self.operator = Project(project, number), operator
        self._accounts = Accounts(self.project, self.project.own_account)
        self._keys = AccountKeys(self._accounts, token_uri or f"{self.url}/token")
        self._policies = self._accounts.policies
        self._secrets = Secrets(self.project, self._policies)
        self.tokens = Tokens(self._accounts, operator)
        self._policies.put(
            self.project.resource, _first_bindings(operator, self.project.own_account)
        )
        self._failures = Failures()
        self._folder = TemporaryDirectory()
        self._run = Run(self.project, self._policies, self.tokens, serve)
        self._functions = self._functions_of(Path(self._folder.name))
        self._logs = Logs(project)
        self._routes = self._offered()
        self._calls: list[Call] = []
        self._logging, self._acting = Lock(), RLock()
        self._server.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
        if error is None:
            self._failures.check()

    def close(self) -> None:
        """Stop: no thread and no socket remains."""
        self._server.close()
        self._functions.operations.close()
        self._run.close()
        self._folder.cleanup()

    def take(self, connection: socket, client_address: Any) -> None:
        """Answer the requests of a connection that came by another way, such as TLS."""
        self._server.process_request(connection, client_address)

    def environment(self, folder: Path) -> dict[str, str]:
        """What leads gcloud here, with its configuration in a folder of its own."""
        return environment(folder, self.url, self.project.id, self.tokens)

    def signed_out_environment(self, folder: Path) -> dict[str, str]:
        """The same for a gcloud that nobody is signed in to yet, with no project chosen."""
        return signed_out_environment(folder, self.url)

    def plan(self, failure: Failure) -> Failure:
        """Let calls fail; if none comes that does, leaving the context raises."""
        return self._failures.add(failure)

    @property
    def calls(self) -> list[Call]:
        """The requests so far, in the order of their answers."""
        with self._logging:
            return list(self._calls)

    @property
    def changes(self) -> list[Call]:
        """Those that changed something, or set it to what it was."""
        return [call for call in self.calls if call.changes and call.status < 400]

    @property
    def accounts(self) -> dict[str, Account]:
        """The service accounts, by their addresses, with their keys."""
        return self._accounts.accounts

    @property
    def secrets(self) -> dict[str, Secret]:
        """The secrets, by their names, with their versions."""
        return self._secrets.secrets

    @property
    def functions(self) -> dict[str, Json]:
        """The functions as they are described, by their whole names."""
        return self._functions.functions

    @property
    def invocations(self) -> list[Invocation]:
        """What the functions that `serve` has started were asked, in the order of beginnings."""
        return list(self._run.invocations)

    def log(self, function: str, region: str, message: str, severity: str = "DEFAULT") -> None:
        """Have a function write an entry of its log."""
        self._logs.add(function, region, message, severity)

    def hear(self, function: str, region: str, line: str) -> None:
        """Have its log take a line of its output."""
        self._logs.hear(function, region, line)

    def identity_token(self, email: str, audience: str) -> str:
        """A token that says who calls, as Cloud Scheduler sends it."""
        return self.tokens.identity(email, audience)

    @property
    def services(self) -> set[str]:
        """The services that are enabled; a test may add and discard."""
        return self.project.services

    def policy(self, resource: str = "") -> Json:
        """The policy of a resource such as `projects/p1/secrets/token`, or of the project."""
        return self._policies.get(resource or self.project.resource)

    def put_policy(self, resource: str, policy: Json) -> None:
        """Set a policy, as somebody else would."""
        configs = policy.get("auditConfigs", [])
        self._policies.put(resource, policy.get("bindings", []), configs)

    def _functions_of(self, folder: Path) -> Functions:
        deployer = Deployer(self.project, self._accounts, self._secrets, folder)
        run, failures = self._run, self._failures
        return Functions(self.project, self.url, deployer, failures, run)

    def _offered(self) -> list[Route]:
        manager = ResourceManager(self.project, self._policies, self.operator)
        return [
            *self.tokens.routes(),
            *SignIn(self.tokens.grants, self.operator).routes(),
            *manager.routes(),
            *ServiceUsage(self.project).routes(),
            *self._accounts.routes(),
            *self._keys.routes(),
            *SecretManager(self._secrets).routes(),
            *self._functions.routes(),
            *self._run.routes(),
            *self._logs.routes(),
        ]

    def _answer(self, request: Request) -> Answer:
        """Answer a request, well or as planned: the one place where every one passes."""
        asked, route = Asked(request, {}), None
        try:
            route, asked = self._resolve(request)
            answer = self._act(route, asked)
        except GoogleError as error:
            answer = error.answer
        api, method = (route.api, route.method) if route else ("unknown", "unknown")
        changes = route is not None and route.changes
        call = Call(api, method, asked.resource, answer.status, changes)
        with self._logging:
            self._calls.append(call)
        return answer

    def _resolve(self, request: Request) -> tuple[Route, Asked]:
        host = urlsplit(request.target).netloc  # only where the request came as to a proxy
        if host == "" or host.endswith(RUN_HOST):
            for route in self._routes:
                names = route.names(request)
                if names is not None:
                    return route, Asked(request, names)
        what = f"{request.method} {request.target}"
        raise GoogleError(501, f"the stand-in does not offer {what}")

    def _act(self, route: Route, asked: Asked) -> Answer:
        if route.api not in ("oauth2", "upload"):
            self.tokens.check(asked.request)
            if (name := asked.names.get("project", "-")) != "-":
                self.project.check(name)
            self.project.check_enabled(route.service)
        self._failures.fire(route.method, asked.resource)
        with nullcontext() if route.waits else self._acting:
            return as_answer(route.act(asked))


def _first_bindings(operator: str, own_account: str) -> list[Json]:
    """What a project's policy begins with; the account of Google's own is an editor."""
    return [
        {"role": "roles/owner", "members": [f"user:{operator}"]},
        {"role": "roles/editor", "members": [f"serviceAccount:{own_account}"]},
    ]
