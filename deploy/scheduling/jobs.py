"""The jobs of Cloud Scheduler that a set-up wants, and what differs from those that there are.

Each logger has two: one that backs up, and a daily one that drills and then prunes.
"""

import json
from collections.abc import Iterator, Mapping

from google.cloud.scheduler_v1 import HttpMethod, HttpTarget, Job, OidcToken, RetryConfig
from google.protobuf.duration_pb2 import Duration

from deploy_settings import DeploySettings
from scheduling.schedule import cron_of, daily

BACKUP, DAILY = "backup", "daily"
KINDS = {BACKUP: "backup", DAILY: "maintenance"}  # kind of a job to the function's action
MADE_BY = "Made by deploy/scheduler.py"  # how our descriptions begin
# A logger that just restarts, or a lost race, is over in a minute. By default nothing is tried
# again; more often than that, the next execution comes anyway.
RETRIES, FIRST_PAUSE, LONGEST_PAUSE, DOUBLINGS = 3, 10, 60, 2  # seconds
# What the service puts in by itself is none of ours to compare.
ADDED_HEADERS = ("user-agent",)


def name_of(settings: DeploySettings, kind: str, target: str) -> str:
    """A job's short name. The kind comes first: no logger's name can make two names alike."""
    return f"{settings.function_name}-{kind}-{target}"


def parent_of(settings: DeploySettings) -> str:
    """Where the jobs lie."""
    return f"projects/{settings.gcp_project_id}/locations/{settings.gcp_region}"


def wanted_jobs(settings: DeploySettings, function_url: str) -> list[Job]:
    """All of them; `function_url` is the root of the function's service."""
    return [
        _job(settings, function_url, kind, target)
        for target in settings.addresses
        for kind in KINDS
    ]


def is_ours(settings: DeploySettings, job: Job) -> bool:
    """Whether this set-up has made a job, by its name and its description."""
    beginnings = tuple(name_of(settings, kind, "") for kind in KINDS)
    return short_name(job).startswith(beginnings) and job.description.startswith(MADE_BY)


def short_name(job: Job) -> str:
    """The last part of a job's name."""
    return str(job.name).rpartition("/")[2]


def differences(wanted: Job, found: Job) -> dict[str, str]:
    """The fields to be changed, as an update's mask names them, and in words from what to what."""
    return dict(_differing(_fields(wanted), _fields(found)))


def _differing(
    wanted: Mapping[str, object], found: Mapping[str, object]
) -> Iterator[tuple[str, str]]:
    for field, value in wanted.items():
        if found[field] != value:
            yield field, f"{field}: {found[field]} -> {value}"


def _fields(job: Job) -> dict[str, object]:
    """What this set-up decides about a job, as plain values."""
    target, retry = job.http_target, job.retry_config
    return {
        "description": job.description,
        "schedule": job.schedule,
        "time_zone": job.time_zone,
        "attempt_deadline": _seconds(job.attempt_deadline),
        "retry_config": {
            "retries": retry.retry_count,
            "first pause": _seconds(retry.min_backoff_duration),
            "longest pause": _seconds(retry.max_backoff_duration),
            "doublings": retry.max_doublings,
            "seconds in all": _seconds(retry.max_retry_duration),
        },
        "http_target.uri": target.uri.rstrip("/"),
        "http_target.http_method": HttpMethod(target.http_method).name,
        "http_target.headers": {
            name: value
            for name, value in dict(target.headers).items()
            if name.lower() not in ADDED_HEADERS
        },
        "http_target.body": bytes(target.body).decode(errors="replace"),
        "http_target.oidc_token": {
            "account": target.oidc_token.service_account_email,
            "audience": target.oidc_token.audience,
        },
    }


def _job(settings: DeploySettings, function_url: str, kind: str, target: str) -> Job:
    root = function_url.rstrip("/")
    asked = {"action": KINDS[kind]} | ({"target": target} if settings.targets else {})
    what = {BACKUP: "pulls a backup of", DAILY: "drills, then prunes the backups of"}[kind]
    every = cron_of(settings.backup_interval_minutes)
    return Job(
        name=f"{parent_of(settings)}/jobs/{name_of(settings, kind, target)}",
        description=f"{MADE_BY}: {what} {target}",
        schedule=every if kind == BACKUP else daily(settings.daily_at),
        time_zone="Etc/UTC",
        attempt_deadline=Duration(seconds=settings.attempt_deadline_seconds),
        retry_config=RetryConfig(
            retry_count=RETRIES,
            min_backoff_duration=Duration(seconds=FIRST_PAUSE),
            max_backoff_duration=Duration(seconds=LONGEST_PAUSE),
            max_doublings=DOUBLINGS,
        ),
        http_target=HttpTarget(
            uri=f"{root}/",
            http_method=HttpMethod.POST,
            headers={"Content-Type": "application/json"},
            body=json.dumps(asked).encode(),
            # The default audience would be the whole address, which the service refuses.
            oidc_token=OidcToken(
                service_account_email=settings.account("scheduler"), audience=root
            ),
        ),
    )


def _seconds(duration: object) -> float:
    """Of proto-plus' timedelta; nothing is 0."""
    return duration.total_seconds() if duration else 0  # type: ignore[attr-defined]  # no types
