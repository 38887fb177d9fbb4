"""A job of the Cloud Scheduler stand-in: read, changed, and completed as the service does it.

It is Google's own message, so that enums, durations and bodies are read and written as by the real
one. That a root gets its slash, and a job that never ran the code -1, is seen in the real answers.
"""

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from google.cloud.scheduler_v1 import HttpMethod, Job
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from google.rpc.code_pb2 import Code

from emulators.scheduler_delivery import ATTEMPT_SECONDS, USER_AGENT
from emulators.scheduler_retries import NOT_YET_RUN

Message = Any  # google.cloud.scheduler.v1.Job, of which the library has no type
USER_FIELDS = (
    *("description", "schedule", "time_zone", "retry_config", "attempt_deadline"),
    *("http_target", "pubsub_target", "app_engine_http_target"),
)


class Refused(Exception):
    """An answer other than success, with google.rpc's code."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def invalid(message: str) -> Refused:
    """A request that cannot be."""
    return Refused(400, Code.INVALID_ARGUMENT, message)


def parsed(document: object) -> Message:
    """A job as it came in JSON."""
    try:
        return ParseDict(document, Job.pb(Job()))  # type: ignore[arg-type]  # it refuses all else
    except ParseError as error:
        raise invalid(f"Invalid JSON payload received. {error}") from error


def told(job: Message) -> dict[str, Any]:
    """A job in JSON: enums by name, nothing that is not set."""
    return dict(MessageToDict(job))


def merged(job: Message, changes: Message, mask: str) -> Message:
    """A job with the fields of a mask as in the changes; without a mask, all a user may set."""
    paths = [_snake_case(path) for path in mask.split(",") if path] or [*USER_FIELDS]
    for path in paths:
        if path.partition(".")[0] not in USER_FIELDS:
            raise invalid(f"Field {path} cannot be updated.")
    copy = type(job)()
    copy.CopyFrom(job)
    try:
        FieldMask(paths=paths).MergeMessage(
            changes, copy, replace_message_field=True, replace_repeated_field=True
        )
    except ValueError as error:
        raise invalid(f"Invalid update mask: {error}") from error
    return copy


def _snake_case(path: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", path)


def completed(job: Message, now: datetime) -> Message:
    """A job with what the service adds: defaults, its user agent, a root's slash."""
    if job.HasField("http_target"):
        target = job.http_target
        target.http_method = target.http_method or HttpMethod.POST
        target.headers["User-Agent"] = USER_AGENT
        if target.body and not any(name.lower() == "content-type" for name in target.headers):
            target.headers["Content-Type"] = "application/octet-stream"
        if not urlsplit(target.uri).path:
            target.uri += "/"
        if not job.HasField("attempt_deadline"):
            job.attempt_deadline.CopyFrom(Duration(seconds=ATTEMPT_SECONDS))
    job.time_zone = job.time_zone or "UTC"
    retry = job.retry_config
    for name, seconds in (
        ("max_retry_duration", 0),
        ("min_backoff_duration", 5),
        ("max_backoff_duration", 3600),
    ):
        if not retry.HasField(name):
            getattr(retry, name).CopyFrom(Duration(seconds=seconds))
    retry.max_doublings = retry.max_doublings or 5
    job.user_update_time.FromDatetime(now)
    return job


def fresh(job: Message) -> Message:
    """A job that was just made."""
    job.state = Job.State.ENABLED
    job.status.code = NOT_YET_RUN
    return job
