"""A project that is set up, and its logger, whose token a test changes."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Condition

from deploy.google_listening import FUNCTION
from deploy.google_project import BUCKET, GoogleProject, Serve, google_project
from emulators.gcloud_forks import GcloudForks
from emulators.google_secrets import Secret
from jobs.scripted_logger import Scripted, ScriptedLogger, listing

PATIENCE_SECONDS = 60


class Logger(ScriptedLogger):
    """One whose token is changed by a test."""

    def __init__(self) -> None:
        super().__init__()
        self.token = ""
        self._came = ""
        self._coming = Condition()
        self.snapshot = self._snapshot

    def wait_for_another_token(self) -> str:
        """The next one that comes and is not its own."""
        with self._coming:
            came = self._coming.wait_for(
                lambda: self._came not in ("", self.token), PATIENCE_SECONDS
            )
            assert came, "no other token came"
            return self._came

    def _snapshot(self, headers: dict[str, str]) -> Scripted:
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        with self._coming:
            self._came = token
            self._coming.notify_all()
        if token != self.token:
            return Scripted(json.dumps({"detail": "no"}).encode(), status=401)
        return Scripted(listing(archive=f"gs://{BUCKET}/btc-logger"))


@contextmanager
def project_with(
    logger: Logger, folder: Path, forks: GcloudForks, serve: Serve | None = None
) -> Iterator[GoogleProject]:
    """One that is set up, and whose logger has the token."""
    with google_project(folder, forks, serve) as project:
        project.write_settings(SNAPSHOT_URL=logger.url, NOTIFY_URLS="json://127.0.0.1:9/0")
        done = project.run("--no-doctor")
        assert done.returncode == 0, done.stderr
        logger.token = content(secret(project))
        yield project


def secret(project: GoogleProject, name: str = "btc-logger-snapshot-token") -> Secret:
    """A secret with its versions."""
    return project.cloud.secrets[f"btc-backup-{name}"]


def content(held: Secret) -> str:
    """Of the newest version."""
    return held.versions[-1].payload.decode()


def states(held: Secret) -> list[str]:
    """Of each version, in their order."""
    return [version.state for version in held.versions]


def pinned(project: GoogleProject, variable: str = "SNAPSHOT_TOKEN") -> int:
    """The version that the function has."""
    told = project.cloud.functions[FUNCTION]["serviceConfig"]["secretEnvironmentVariables"]
    return next(int(one["version"]) for one in told if one["key"] == variable)
