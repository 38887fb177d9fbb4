"""Cloud Scheduler by Google's own client, whose errors become ours.

It speaks as whoever GOOGLE_OAUTH_ACCESS_TOKEN is a token of, or as the application default
credentials; to a stand-in on loopback it speaks as nobody.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import google.auth
from google.api_core.exceptions import Conflict, Forbidden, GoogleAPICallError, NotFound
from google.auth.credentials import AnonymousCredentials, Credentials
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError
from google.cloud.scheduler_v1 import CloudSchedulerClient, Job
from google.cloud.scheduler_v1.services.cloud_scheduler.transports import (
    CloudSchedulerRestTransport,
)
from google.oauth2.credentials import Credentials as TokenCredentials
from google.protobuf.field_mask_pb2 import FieldMask
from requests import RequestException

from shared.errors import BackupError, BadSettings
from shared.setting_values import LOOPBACK

ENDPOINT = "CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDSCHEDULER"  # as gcloud calls it
SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
CALL_SECONDS = 30.0
_LOG_IN = "Log in: gcloud auth application-default login"


class NoSuchJob(BackupError):
    """Cloud Scheduler has no job of that name."""


class JobExists(BackupError):
    """Somebody has made a job of that name meanwhile."""


class SchedulerRefused(BackupError):
    """Cloud Scheduler answered, and would not do it."""


class SchedulerUnreachable(BackupError):
    """Cloud Scheduler did not answer, or nobody is logged in who could ask it."""


class SchedulerClient:
    """The jobs of one project and region: `parent` is `projects/P/locations/R`.

    Raises, from every call: NoSuchJob, SchedulerRefused, SchedulerUnreachable.
    """

    def __init__(self, project: str, parent: str) -> None:
        self._parent = parent
        with _translated(parent):
            self._client = CloudSchedulerClient(transport=_transport(project))

    def jobs(self) -> list[Job]:
        """All there are, whosever they are."""
        with _translated(self._parent):
            return list(self._client.list_jobs(parent=self._parent, timeout=CALL_SECONDS))

    def job(self, name: str) -> Job:
        """One of them, by its whole name."""
        with _translated(name):
            return self._client.get_job(name=name, timeout=CALL_SECONDS)

    def create(self, job: Job) -> None:
        """Make it; raises JobExists."""
        with _translated(job.name):
            self._client.create_job(parent=self._parent, job=job, timeout=CALL_SECONDS)

    def update(self, job: Job, fields: Iterable[str]) -> None:
        """Change these fields of it, and nothing else."""
        mask = FieldMask(paths=[*fields])
        with _translated(job.name):
            self._client.update_job(job=job, update_mask=mask, timeout=CALL_SECONDS)

    def run(self, name: str) -> None:
        """Send it on its way now, also while it runs."""
        with _translated(name):
            self._client.run_job(name=name, timeout=CALL_SECONDS)

    def pause(self, name: str) -> None:
        """No further execution by itself."""
        with _translated(name):
            self._client.pause_job(name=name, timeout=CALL_SECONDS)

    def resume(self, name: str) -> None:
        """Executions by its schedule again."""
        with _translated(name):
            self._client.resume_job(name=name, timeout=CALL_SECONDS)

    def delete(self, name: str) -> None:
        """Take it away."""
        with _translated(name):
            self._client.delete_job(name=name, timeout=CALL_SECONDS)


def _transport(project: str) -> CloudSchedulerRestTransport:
    endpoint = os.environ.get(ENDPOINT)
    if not endpoint:
        return CloudSchedulerRestTransport(credentials=_credentials(project))
    parts = urlsplit(endpoint)
    if parts.scheme == "http" and parts.hostname in LOOPBACK:
        return CloudSchedulerRestTransport(
            host=parts.netloc, url_scheme="http", credentials=AnonymousCredentials()
        )
    if parts.scheme != "https" or not parts.hostname:
        raise BadSettings(
            f"{ENDPOINT}: found {endpoint!r}, expected https://, or http:// on this machine",
            name=ENDPOINT,
        )
    return CloudSchedulerRestTransport(host=parts.netloc, credentials=_credentials(project))


def _credentials(project: str) -> Credentials:
    """Whose project the calls are counted against has to be said: a person's token names none."""
    if token := os.environ.get("GOOGLE_OAUTH_ACCESS_TOKEN"):
        return TokenCredentials(token, quota_project_id=project)
    found, _ = google.auth.default(scopes=SCOPES, quota_project_id=project)
    return found


@contextmanager
def _translated(name: str) -> Iterator[None]:
    """The one place where Google's exceptions become ours."""
    try:
        yield
    except NotFound as error:
        hint = "deploy/google.sh makes the jobs; is GCP_REGION right?"
        raise NoSuchJob(f"{name}: {error.message}", name=name, hint=hint, status=404) from error
    except Conflict as error:
        raise JobExists(f"{name}: {error.message}", name=name, status=409) from error
    except GoogleAPICallError as error:
        told = error.message or str(error)
        raise SchedulerRefused(
            f"{name}: {told}", name=name, hint=_hint(error, told), status=error.code
        ) from error
    except DefaultCredentialsError as error:
        raise SchedulerUnreachable("nobody is logged in", name=name, hint=_LOG_IN) from error
    except GoogleAuthError as error:
        raise SchedulerUnreachable(f"{name}: {error}", name=name, hint=_LOG_IN) from error
    except (RequestException, OSError) as error:
        raise SchedulerUnreachable(
            f"{name}: Cloud Scheduler did not answer: {error}", name=name, hint="Try again later"
        ) from error


def _hint(error: GoogleAPICallError, told: str) -> str:
    if "has not been used in project" in told or "is disabled" in told:
        return "Enable it: gcloud services enable cloudscheduler.googleapis.com"
    if "iam.serviceAccounts.actAs" in told:
        return "Whoever makes the jobs needs roles/iam.serviceAccountUser on the scheduler account"
    if isinstance(error, Forbidden):
        return "Whoever runs this needs roles/cloudscheduler.admin in the project"
    return "Log in again" if error.code == 401 else ""
