"""What a job of the Cloud Scheduler stand-in has to be.

The limits are those of
https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from google.cloud.scheduler_v1 import HttpMethod
from google.rpc.code_pb2 import Code

from emulators.scheduler_jobs import Message, Refused, invalid
from emulators.scheduler_schedule import is_schedule

_NAME = re.compile(r"projects/[a-zA-Z0-9.:-]+/locations/[a-z0-9-]+/jobs/[a-zA-Z0-9_-]{1,500}")
_WITH_BODY = (HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH)
_DEADLINES = (15, 1800)  # seconds


def check(job: Message) -> None:
    """Refuse a job that cannot be."""
    for fault in _faults(job):
        raise fault


def _faults(job: Message) -> Iterator[Refused]:
    if not _NAME.fullmatch(job.name):
        yield invalid(f"Job name must be formatted as {_NAME.pattern}; found {job.name!r}.")
    if not is_schedule(job.schedule, job.time_zone):
        yield invalid("Schedule or time zone is invalid.")
    if len(job.description) > 500:
        yield invalid("Job.description must not contain more than 500 characters.")
    if not job.WhichOneof("target"):
        yield invalid("Job must contain a target.")
    elif not job.HasField("http_target"):
        yield Refused(501, Code.UNIMPLEMENTED, "the stand-in has HTTP targets alone")
    if not 0 <= job.retry_config.retry_count <= 5:
        yield invalid("RetryConfig.retry_count must be in the interval [0, 5].")
    if job.HasField("http_target"):
        yield from _target_faults(job)


def _target_faults(job: Message) -> Iterator[Refused]:
    target = job.http_target
    if urlsplit(target.uri).scheme not in ("http", "https") or not urlsplit(target.uri).hostname:
        yield invalid('HttpTarget.uri must begin with "http://" or "https://".')
    method = HttpMethod(target.http_method or HttpMethod.POST)
    if target.body and method not in _WITH_BODY:
        yield invalid(f"HttpTarget.body is not allowed with the HTTP method {method.name}.")
    shortest, longest = _DEADLINES
    if job.HasField("attempt_deadline") and not (
        shortest <= job.attempt_deadline.ToTimedelta().total_seconds() <= longest
    ):
        yield invalid(f"Job.attempt_deadline must be in the interval [{shortest}s, {longest}s].")
