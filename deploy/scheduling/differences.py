"""What differs between the job that is wanted and the one that there is, field by field.

Only what this set-up decides is compared: not whether a job is paused, nor what the service adds.
"""

from collections.abc import Mapping

from google.cloud.scheduler_v1 import HttpMethod, Job

from scheduling.jobs import seconds_of

_ADDED_HEADERS = ("user-agent",)  # by the service


def differences(wanted: Job, found: Job) -> dict[str, str]:
    """The fields to be changed, as an update's mask names them, and in words from what to what."""
    if "http_target" not in found:
        return {"http_target": "http_target: none -> as it should be"}
    before, after = _fields(found), _fields(wanted)
    differing = {
        field: f"{field}: {before[field] or 'none'} -> {value or 'none'}"
        for field, value in after.items()
        if before[field] != value
    }
    if found.state == Job.State.UPDATE_FAILED and not differing:
        return {"schedule": "written again, because the last change of it failed"}
    return differing


def _fields(job: Job) -> dict[str, str]:
    target, retry = job.http_target, job.retry_config
    return {
        "description": job.description,
        "schedule": job.schedule,
        "time_zone": job.time_zone,
        "attempt_deadline": _seconds(job.attempt_deadline),
        "retry_config.retry_count": str(retry.retry_count),
        "retry_config.max_retry_duration": _seconds(retry.max_retry_duration),
        "retry_config.min_backoff_duration": _seconds(retry.min_backoff_duration),
        "retry_config.max_backoff_duration": _seconds(retry.max_backoff_duration),
        "retry_config.max_doublings": str(retry.max_doublings),
        "http_target.uri": target.uri.rstrip("/"),
        "http_target.http_method": HttpMethod(target.http_method).name,
        "http_target.headers": _headers(target.headers),
        "http_target.body": bytes(target.body).decode(errors="replace"),
        "http_target.oidc_token.service_account_email": target.oidc_token.service_account_email,
        "http_target.oidc_token.audience": target.oidc_token.audience,
    }


def _headers(headers: Mapping[str, str]) -> str:
    named = {name.title(): value for name, value in headers.items()}
    own = {name: value for name, value in named.items() if name.lower() not in _ADDED_HEADERS}
    return ", ".join(f"{name}: {value}" for name, value in sorted(own.items()))


def _seconds(duration: object) -> str:
    return f"{seconds_of(duration):g} s"
