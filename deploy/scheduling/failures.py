"""What can go wrong with Cloud Scheduler: Google's exceptions become errors of this system here."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from google.api_core.exceptions import (
    Conflict,
    Forbidden,
    GoogleAPICallError,
    NotFound,
    RetryError,
    ServerError,
    Unauthorized,
)
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError
from requests import RequestException

from scheduling.login import KEY_FILE
from shared.errors import BackupError

_NOBODY = "nobody is logged in, by gcloud or by application default credentials"
_LOG_IN = "Log in: gcloud auth login, or gcloud auth application-default login"


class NoSuchJob(BackupError):
    """Cloud Scheduler has no job of that name."""


class JobExists(BackupError):
    """Somebody has made a job of that name meanwhile."""


class SchedulerRefused(BackupError):
    """Cloud Scheduler answered, and would not do it."""


class SchedulerDisabled(SchedulerRefused):
    """The project does not use Cloud Scheduler yet."""


class SchedulerUnreachable(BackupError):
    """Cloud Scheduler did not answer, or nobody is logged in who could ask it."""


@contextmanager
def translated(name: str) -> Iterator[None]:
    """The one place where that happens; `name` is of the job, or of where the jobs lie."""
    try:
        yield
    except NotFound as error:
        hint = "deploy/google.sh makes the jobs; is GCP_REGION right?"
        raise NoSuchJob(f"{name}: {_said(error)}", name=name, hint=hint, status=404) from error
    except Conflict as error:
        raise JobExists(f"{name}: {_said(error)}", name=name, status=409) from error
    except Unauthorized as error:
        raise SchedulerUnreachable("nobody is logged in", name=name, hint=_LOG_IN) from error
    except DefaultCredentialsError as error:
        has_file = os.environ.get(KEY_FILE)  # which is no key then, as the error says
        why = f"{KEY_FILE}: {error}".rstrip(".") if has_file else _NOBODY
        raise SchedulerUnreachable(why, name=name, hint=_LOG_IN) from error
    except GoogleAuthError as error:
        raise SchedulerUnreachable(f"{name}: {error}", name=name, hint=_LOG_IN) from error
    except (ServerError, RetryError, RequestException, OSError) as error:
        raise SchedulerUnreachable(
            f"{name}: Cloud Scheduler did not answer: {error}", name=name, hint="Try again later"
        ) from error
    except GoogleAPICallError as error:
        raise _refusal(error, name) from error


def _refusal(error: GoogleAPICallError, name: str) -> SchedulerRefused:
    told = _said(error)
    is_disabled = "has not been used in project" in told or "is disabled" in told
    kind = SchedulerDisabled if is_disabled else SchedulerRefused
    return kind(f"{name}: {told}", name=name, hint=_hint(error, told, name), status=error.code)


def _said(error: GoogleAPICallError) -> str:
    """Google's own words: the client puts the method and the address of the call before them."""
    try:
        said = str(error.response.json()["error"]["message"])
    except (AttributeError, ValueError, KeyError, TypeError):  # no answer in Google's form
        said = error.message or str(error)
    return said.rstrip(".")


def _hint(error: GoogleAPICallError, told: str, name: str) -> str:
    if "has not been used in project" in told or "is disabled" in told:
        return (
            "Enable it: gcloud services enable cloudscheduler.googleapis.com "
            f"--project={name.split('/')[1]}"
        )
    if "iam.serviceAccounts.actAs" in told:
        return (
            "deploy/google.sh makes the scheduler's account; whoever makes the jobs needs "
            "roles/iam.serviceAccountUser on it"
        )
    if isinstance(error, Forbidden):
        return "Whoever runs this needs roles/cloudscheduler.admin in the project"
    return ""
