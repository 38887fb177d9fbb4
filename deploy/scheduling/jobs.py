"""The jobs of Cloud Scheduler that a set-up wants.

Each logger has two: one that backs up, and a daily one that drills and then prunes.
"""

import json
import re
from datetime import timedelta

from google.cloud.scheduler_v1 import HttpMethod, HttpTarget, Job, OidcToken, RetryConfig
from google.protobuf.duration_pb2 import Duration

from deploy_settings import DeploySettings
from scheduling.schedule import cron_of, daily

BACKUP, DAILY = "backup", "daily"
KINDS = {BACKUP: "backup", DAILY: "maintenance"}  # kind of a job to the function's action
# A logger that just restarts, or a lost race, is over in a minute. By default nothing is tried
# again; more often than that, the next execution comes anyway.
RETRIES, FIRST_PAUSE, LONGEST_PAUSE, DOUBLINGS = 3, 10, 60, 2  # seconds
_MADE_BY = re.compile(r"Made by deploy/scheduler.py for (\S+):")  # how our descriptions begin


def name_of(settings: DeploySettings, kind: str, target: str) -> str:
    """A job's short name. The kind comes first: no logger's name can make two names alike."""
    return f"{settings.function_name}-{kind}-{target}"


def parent_of(settings: DeploySettings) -> str:
    """Where the jobs lie."""
    return f"projects/{settings.gcp_project_id}/locations/{settings.gcp_region}"


def whole_name(settings: DeploySettings, kind: str, target: str) -> str:
    """A job's name as Cloud Scheduler wants it."""
    return f"{parent_of(settings)}/jobs/{name_of(settings, kind, target)}"


def short_name(job: Job) -> str:
    """The last part of a job's name."""
    return str(job.name).rpartition("/")[2]


def made_for(job: Job) -> str | None:
    """The function whose set-up has made a job; None where none has."""
    found = _MADE_BY.match(job.description)
    return found[1] if found else None


def command_for(verb: str, job: Job) -> str:
    """How `deploy/scheduler.py` is told to do something with one job that a set-up has made."""
    kind, _, target = short_name(job).removeprefix(f"{made_for(job)}-").partition("-")
    return f"python deploy/scheduler.py {verb} {kind} --target {target}"


def is_ours(settings: DeploySettings, job: Job) -> bool:
    """Whether this set-up has made a job, by its name and its description."""
    beginnings = tuple(name_of(settings, kind, "") for kind in KINDS)
    return short_name(job).startswith(beginnings) and made_for(job) == settings.function_name


def wanted_jobs(settings: DeploySettings, function_url: str) -> list[Job]:
    """All of them; `function_url` is the root of the function's service."""
    return [
        _job(settings, function_url.rstrip("/"), kind, target)
        for target in settings.addresses
        for kind in KINDS
    ]


def seconds_of(duration: object) -> float:
    """Of a job's field, which the client gives as a timedelta, whatever its type says."""
    return duration.total_seconds() if isinstance(duration, timedelta) else 0


def _job(settings: DeploySettings, root: str, kind: str, target: str) -> Job:
    what = {BACKUP: "pulls a backup of", DAILY: "drills, then prunes the backups of"}[kind]
    every = cron_of(settings.backup_interval_minutes)
    return Job(
        name=whole_name(settings, kind, target),
        description=f"Made by deploy/scheduler.py for {settings.function_name}: {what} {target}",
        schedule=every if kind == BACKUP else daily(settings.daily_at),
        time_zone="Etc/UTC",
        attempt_deadline=Duration(seconds=settings.attempt_deadline_seconds),
        retry_config=RetryConfig(
            retry_count=RETRIES,
            min_backoff_duration=Duration(seconds=FIRST_PAUSE),
            max_backoff_duration=Duration(seconds=LONGEST_PAUSE),
            max_doublings=DOUBLINGS,
        ),
        http_target=_target(settings, root, kind, target),
    )


def _target(settings: DeploySettings, root: str, kind: str, target: str) -> HttpTarget:
    asked = {"action": KINDS[kind]} | ({"target": target} if settings.targets else {})
    # The default audience would be the whole address, which the service refuses.
    token = OidcToken(service_account_email=settings.account("scheduler"), audience=root)
    return HttpTarget(
        uri=f"{root}/",
        http_method=HttpMethod.POST,
        headers={"Content-Type": "application/json"},
        body=json.dumps(asked).encode(),
        oidc_token=token,
    )
