"""Brings Cloud Scheduler to what the settings want: makes what is missing, changes what differs.

A job that is as it should be is not touched, and a paused one stays paused.
"""

from collections.abc import Callable

from google.cloud.scheduler_v1 import Job

from deploy_settings import DeploySettings
from scheduling.client import JobExists, NoSuchJob, SchedulerClient
from scheduling.jobs import differences, is_ours, short_name, wanted_jobs

RACES = 3  # with somebody who makes or deletes the same job
_LEFT_OVER = "is no longer wanted; --delete-left-over deletes it"

Tell = Callable[[str], None]


def apply(
    settings: DeploySettings,
    function_url: str,
    client: SchedulerClient,
    tell: Tell,
    *,
    dry_run: bool,
    delete_left_over: bool,
) -> int:
    """Make all as it should be, or with `dry_run` only tell; how many changes there were."""
    wanted = wanted_jobs(settings, function_url)
    found = {job.name: job for job in client.jobs()}
    changes = sum(_bring(job, found.get(job.name), client, tell, dry_run) for job in wanted)
    names = {job.name for job in wanted}
    left_over = [job for job in found.values() if is_ours(settings, job) and job.name not in names]
    for job in left_over:
        tell(f"{short_name(job)}: {'deleted' if delete_left_over else _LEFT_OVER}")
        if delete_left_over and not dry_run:
            _gone(job.name, client)
    return changes + (len(left_over) if delete_left_over else 0)


def _bring(wanted: Job, found: Job | None, client: SchedulerClient, tell: Tell, dry: bool) -> bool:
    """One job to what it should be; whether it was not."""
    name, would = short_name(wanted), "would be " if dry else ""
    for _ in range(RACES):
        try:
            if found is None:
                if not dry:
                    client.create(wanted)
                tell(f"{name}: {would}made, {wanted.schedule} UTC")
                return True
            if not (differing := differences(wanted, found)):
                tell(f"{name}: as it should be")
                return False
            if not dry:
                client.update(wanted, differing)
            tell(f"{name}: {would}changed, {'; '.join(differing.values())}")
            return True
        except JobExists:
            found = client.job(wanted.name)
        except NoSuchJob:
            found = None
    raise JobExists(f"{name} comes and goes", name=name, hint="Who else is changing it?")


def _gone(name: str, client: SchedulerClient) -> None:
    try:
        client.delete(name)
    except NoSuchJob:
        return  # somebody else was faster
