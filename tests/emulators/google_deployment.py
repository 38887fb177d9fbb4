"""What a deploy of a function does: it builds the source, and starts it with its secrets.

A build wants `main.py` and `requirements.txt` and an account that may build; a start wants an
account that may read every pinned secret. Failures are worded as the real operations report them.
"""

import ast
import io
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

from emulators.google_accounts import Accounts
from emulators.google_api import GoogleError, Json
from emulators.google_projects import Project
from emulators.google_secrets import Secrets

_BUILDERS = ("roles/cloudbuild.builds.builder", "roles/editor", "roles/owner")
_MAY_NOT_BUILD = (
    "Build failed with status: FAILURE. Could not build the function due to a missing permission on"
    " the build service account. If you didn't revoke that permission explicitly, this could be"
    " caused by a change in the organization policies."
)


@dataclass(frozen=True)
class Deployment:
    """A function as it is started: what a container of it is given."""

    name: str
    region: str
    source: Path  # the unzipped folder
    runtime: str
    entry_point: str
    environment: dict[str, str]
    secrets: dict[str, str]  # the values of variables that are kept in Secret Manager
    service_account: str
    memory: str  # such as 512Mi
    timeout_seconds: int
    concurrency: int
    labels: dict[str, str]


class ContainerFailed(Exception):
    """A function did not start: `serve` may raise it."""


class Deployer:
    """Turns the configuration of a function into a deployment."""

    def __init__(
        self, project: Project, accounts: Accounts, secrets: Secrets, folder: Path
    ) -> None:
        self._project, self._accounts, self._secrets = project, accounts, secrets
        self._folder = folder
        self._count = 0

    def prepare(self, name: str, function: Json, archive: bytes) -> Deployment:
        """Build a function and read its secrets; GoogleError as its operation would tell it."""
        build, service = function["buildConfig"], function["serviceConfig"]
        source = self._built(build, archive)
        account = service["serviceAccountEmail"]
        if not self._accounts.exists(account):
            raise _not_started(name, f"Service account {account} was not found.")
        return Deployment(
            name=name,
            region=function["name"].split("/")[3],
            source=source,
            runtime=build["runtime"],
            entry_point=build["entryPoint"],
            environment=dict(service.get("environmentVariables", {})),
            secrets=self._values(name, service, account),
            service_account=account,
            memory=service["availableMemory"],
            timeout_seconds=service["timeoutSeconds"],
            concurrency=service["maxInstanceRequestConcurrency"],
            labels=dict(function.get("labels", {})),
        )

    def _built(self, build: Json, archive: bytes) -> Path:
        builder = build["serviceAccount"].rpartition("/")[2]
        member, policies = f"serviceAccount:{builder}", self._accounts.policies
        if not any(policies.allows(self._project.resource, role, member) for role in _BUILDERS):
            raise GoogleError(400, _MAY_NOT_BUILD)
        self._count += 1
        folder = self._folder / str(self._count)
        with ZipFile(io.BytesIO(archive)) as zipped:
            zipped.extractall(folder)
        _check_source(folder, build["entryPoint"])
        return folder

    def _values(self, name: str, service: Json, account: str) -> dict[str, str]:
        values: dict[str, str] = {}
        for told in service.get("secretEnvironmentVariables", []):
            self._project.check(told["projectId"])
            try:
                value = self._secrets.payload(told["secret"], told["version"], account)
            except GoogleError as error:
                raise _not_started(name, self._why_unread(error, told, account)) from error
            values[told["key"]] = value.decode()
        return values

    def _why_unread(self, error: GoogleError, told: Json, account: str) -> str:
        resource = f"projects/{self._project.number}/secrets/{told['secret']}"
        what = f"{resource}/versions/{told['version']}"
        where = "spec.template.spec.containers[0].env[0].value_from.secret_key_ref.name:"
        if error.code == 403:
            return (
                f"{where} Permission denied on secret: {what} for Revision service account"
                f" {account}. The service account used must be granted the 'Secret Manager Secret"
                " Accessor' role (roles/secretmanager.secretAccessor) at the secret, project or"
                " higher level."
            )
        if error.code == 404:
            return f"{where} Secret {what} was not found"
        return f"{where} {error.message}"


def container_failed(service: str) -> GoogleError:
    """A function was built and did not start."""
    return _not_started(
        service,
        "Container Healthcheck failed. The user-provided container failed to start and listen on"
        " the port defined provided by the PORT=8080 environment variable within the allocated"
        " timeout.",
    )


def build_failed(reason: str) -> GoogleError:
    """The build of a function's image failed."""
    page = "https://console.cloud.google.com/cloud-build/builds;region=us-central1/1?project=1"
    return GoogleError(
        400,
        f"Build failed with status: FAILURE and message: {reason}. For more details see the logs"
        f" at {page}.",
    )


def _not_started(service: str, why: str) -> GoogleError:
    return GoogleError(400, f"Could not create or update Cloud Run service {service}, {why}")


def _check_source(folder: Path, entry_point: str) -> None:
    """Raise what a build says of a source without a program or without the function in it."""
    program = folder / "main.py"
    if not program.is_file() or not (folder / "requirements.txt").is_file():
        there = sorted(path.name for path in folder.iterdir())
        raise build_failed(f"missing main.py or requirements.txt among {there}")
    try:
        parsed = ast.parse(program.read_text())
    except SyntaxError as error:
        raise build_failed(f"main.py: {error}") from error
    functions = {node.name for node in parsed.body if isinstance(node, ast.FunctionDef)}
    if entry_point not in functions:
        raise build_failed(f"main.py has no function {entry_point}, only {sorted(functions)}")
