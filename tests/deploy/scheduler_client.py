"""Google's own client on the Cloud Scheduler stand-in, and jobs to try it with."""

from typing import Any
from urllib.parse import urlsplit

from google.auth.credentials import AnonymousCredentials
from google.cloud.scheduler_v1 import CloudSchedulerClient, Job
from google.cloud.scheduler_v1.services.cloud_scheduler.transports import (
    CloudSchedulerRestTransport,
)

from emulators.scheduler_api import SchedulerFake

PARENT = "projects/my-project/locations/us-central1"
NOWHERE = "http://127.0.0.1:9/"  # of jobs that are never run


def client_of(scheduler: SchedulerFake) -> CloudSchedulerClient:
    """A client that speaks JSON over HTTP."""
    nobody = AnonymousCredentials()  # type: ignore[no-untyped-call]  # google-auth has few types
    host = urlsplit(scheduler.url).netloc
    return CloudSchedulerClient(
        transport=CloudSchedulerRestTransport(host=host, url_scheme="http", credentials=nobody)
    )


def job(name: str = "job", url: str = NOWHERE, **fields: Any) -> Job:
    """A job that comes each half hour, with some fields of its own."""
    target = {"uri": url, "body": b"{}"} | fields.pop("http_target", {})
    defaults = {"name": f"{PARENT}/jobs/{name}", "schedule": "*/30 * * * *", "time_zone": "Etc/UTC"}
    return Job({**defaults, "http_target": target, **fields})
