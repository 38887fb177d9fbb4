"""Where Cloud Scheduler is, and as whom it is spoken to.

As whoever a token in GOOGLE_OAUTH_ACCESS_TOKEN is of, or as the application default credentials;
to a stand-in on loopback as nobody.
"""

import os
from urllib.parse import SplitResult, urlsplit

import google.auth
from google.auth.credentials import AnonymousCredentials, Credentials
from google.cloud.scheduler_v1.services.cloud_scheduler.transports import (
    CloudSchedulerRestTransport,
)
from google.oauth2.credentials import Credentials as TokenCredentials

from shared.errors import BadSettings
from shared.setting_values import LOOPBACK

ENDPOINT = "CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDSCHEDULER"  # as gcloud calls it
TOKEN = "GOOGLE_OAUTH_ACCESS_TOKEN"  # noqa: S105  the name of a variable
SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)


def open_transport(project: str, token: str | None = None) -> CloudSchedulerRestTransport:
    """The connection, with the token of a person where one is given; raises BadSettings."""
    endpoint = os.environ.get(ENDPOINT)
    if not endpoint:
        return CloudSchedulerRestTransport(credentials=_credentials(project, token))
    parts = parts_of(endpoint)
    if parts.scheme == "http" and parts.hostname in LOOPBACK:
        nobody = AnonymousCredentials()  # type: ignore[no-untyped-call]  # google-auth has few types
        return CloudSchedulerRestTransport(host=parts.netloc, url_scheme="http", credentials=nobody)
    if parts.scheme != "https" or not parts.hostname:
        raise BadSettings(
            f"{ENDPOINT}: found {endpoint!r}, expected https://, or http:// on this machine",
            name=ENDPOINT,
        )
    return CloudSchedulerRestTransport(host=parts.netloc, credentials=_credentials(project, token))


def parts_of(address: str) -> SplitResult:
    """Of an address; empty ones where it is none."""
    try:
        return urlsplit(address)
    except ValueError:  # a bracket that does not end
        return urlsplit("")


def _credentials(project: str, token: str | None) -> Credentials:
    """Whose project the calls are counted against has to be said: a person's token names none."""
    if token := token or os.environ.get(TOKEN):
        return TokenCredentials(  # type: ignore[no-untyped-call]  # google-auth has few types
            token, quota_project_id=project
        )
    found, _ = google.auth.default(scopes=SCOPES, quota_project_id=project)
    return found
