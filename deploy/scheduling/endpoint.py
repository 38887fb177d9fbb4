"""Where Cloud Scheduler is; a stand-in on loopback is spoken to as nobody."""

import os
from urllib.parse import SplitResult, urlsplit

from google.auth.credentials import AnonymousCredentials
from google.cloud.scheduler_v1.services.cloud_scheduler.transports import (
    CloudSchedulerRestTransport,
)

from scheduling.login import credentials
from shared.errors import BadSettings
from shared.setting_values import LOOPBACK

ENDPOINT = "CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDSCHEDULER"  # as gcloud calls it


def open_transport(project: str, token: str | None = None) -> CloudSchedulerRestTransport:
    """The connection, with the token of a person where one is given.

    Raises: BadSettings, and what `credentials` does.
    """
    endpoint = os.environ.get(ENDPOINT)
    if not endpoint:
        return CloudSchedulerRestTransport(credentials=credentials(project, token))
    parts = parts_of(endpoint)
    if parts.scheme == "http" and parts.hostname in LOOPBACK:
        nobody = AnonymousCredentials()  # type: ignore[no-untyped-call]  # google-auth has few types
        return CloudSchedulerRestTransport(host=parts.netloc, url_scheme="http", credentials=nobody)
    if parts.scheme != "https" or not parts.hostname:
        raise BadSettings(
            f"{ENDPOINT}: found {endpoint!r}, expected https://, or http:// on this machine",
            name=ENDPOINT,
        )
    return CloudSchedulerRestTransport(host=parts.netloc, credentials=credentials(project, token))


def parts_of(address: str) -> SplitResult:
    """Of an address; empty ones where it is none."""
    try:
        return urlsplit(address)
    except ValueError:  # a bracket that does not end
        return urlsplit("")
