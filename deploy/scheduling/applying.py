"""Brings Cloud Scheduler to what the settings want: makes what is missing, changes what differs.

A job that is as it should be is not touched, a paused one stays paused, and nobody else's is
looked at.
"""

from collections.abc import Callable, Iterable, Sequence

from google.cloud.scheduler_v1 import Job

from deploy_settings import DeploySettings
from scheduling.client import SchedulerClient
from scheduling.differences import differences
from scheduling.failures import JobExists, NoSuchJob, SchedulerDisabled
from scheduling.jobs import command_for, is_ours, made_for, short_name, wanted_jobs
from shared.errors import BadSettings

RACES = 3  # with somebody who makes or deletes the same job

Tell = Callable[[str], None]


def apply(  # noqa: PLR0913  what is wanted, where, and how far to go
    settings: DeploySettings,
    function_url: str,
    client: SchedulerClient,
    tell: Tell,
    *,
    dry_run: bool = False,
    delete_left_over: bool = False,
) -> int:
    """Make all as it should be, or with `dry_run` only tell; how many changes there were.

    Raises BadSettings where a name is taken by another function's set-up, and what the client does.
    """
    wanted = wanted_jobs(settings, function_url)
    found = {job.name: job for job in _jobs(client, dry_run=dry_run)}
    there = {job.name: found.pop(job.name, None) for job in wanted}
    _refuse_anothers(settings, there.values())
    changes = sum(_bring(job, there[job.name], client, tell, dry_run=dry_run) for job in wanted)
    left_over = [job for job in found.values() if is_ours(settings, job)]
    if delete_left_over:
        return changes + delete(left_over, client, tell, dry_run=dry_run)
    for job in left_over:
        tell(f"{short_name(job)}: no longer wanted; --delete-left-over deletes it")
    return changes


def delete(jobs: Sequence[Job], client: SchedulerClient, tell: Tell, *, dry_run: bool) -> int:
    """Take jobs away, also where somebody else is faster; how many there were."""
    for job in jobs:
        tell(f"{short_name(job)}: {_deleted(job.name, client, dry_run=dry_run)}")
    return len(jobs)


def _deleted(name: str, client: SchedulerClient, *, dry_run: bool) -> str:
    """What became of it."""
    if dry_run:
        return "would be deleted"
    try:
        client.delete(name)
    except NoSuchJob:
        return "was gone already"
    return "deleted"


def _jobs(client: SchedulerClient, *, dry_run: bool) -> list[Job]:
    try:
        return client.jobs()
    except SchedulerDisabled:
        if dry_run:  # the set-up enables it before it makes the jobs
            return []
        raise


def _refuse_anothers(settings: DeploySettings, found: Iterable[Job | None]) -> None:
    ours = settings.function_name
    for job in found:
        if job and (function := made_for(job)) not in (None, ours):
            name = short_name(job)
            raise BadSettings(
                f"{name}: found a job of the function {function}, expected none or one of {ours}",
                name=name,
                hint="Give one of the two set-ups another FUNCTION_NAME",
            )


def _bring(
    wanted: Job, found: Job | None, client: SchedulerClient, tell: Tell, *, dry_run: bool
) -> bool:
    """One job to what it should be; whether it was not."""
    for _ in range(RACES):
        try:
            return _bring_once(wanted, found, client, tell, dry_run=dry_run)
        except (JobExists, NoSuchJob):
            found = _look(wanted.name, client)
    name = short_name(wanted)
    raise JobExists(f"{name}: comes and goes", name=name, hint="Who else is changing it?")


def _bring_once(
    wanted: Job, found: Job | None, client: SchedulerClient, tell: Tell, *, dry_run: bool
) -> bool:
    name, would = short_name(wanted), "would be " if dry_run else ""
    if found is None:
        if not dry_run:
            client.create(wanted)
        tell(f"{name}: {would}made, {wanted.schedule} UTC")
        return True
    state = _state(found.state, wanted)
    if not (differing := differences(wanted, found)):
        tell(f"{name}: as it should be{state}")
        return False
    if not dry_run:
        client.update(wanted, differing)
    tell(f"{name}: {would}changed, {'; '.join(differing.values())}{state}")
    return True


def _state(state: Job.State, wanted: Job) -> str:
    """What keeps a job from coming by itself, and what to do about it."""
    if state == Job.State.PAUSED:
        return f"; it is paused: {command_for('resume', wanted)}"
    if state == Job.State.DISABLED:
        return f"; Google has disabled it: {command_for('delete', wanted)}, then deploy/google.sh"
    return ""


def _look(name: str, client: SchedulerClient) -> Job | None:
    try:
        return client.job(name)
    except NoSuchJob:
        return None
