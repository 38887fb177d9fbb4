"""Waits for an attempt that was just asked for, and tells what came of it.

Cloud Scheduler says nothing of an attempt before it has ended: then the job has a newer time of its
last attempt, and a status that is a result.
"""

from collections.abc import Callable
from time import monotonic, sleep

from google.cloud.scheduler_v1 import Job

from scheduling.client import SchedulerClient
from scheduling.jobs import seconds_of
from scheduling.outcome import NO_RESULT, meaning, outcome

FIRST_POLL_SECONDS, LONGEST_POLL_SECONDS = 0.25, 2.0
SLACK_SECONDS = 60  # beyond the attempt's deadline, for the queue before it
REMARK_SECONDS = 15.0


def run_and_wait(client: SchedulerClient, name: str, tell: Callable[[str], None]) -> bool | None:
    """Run the job now; whether its first attempt did well, None where none has ended in time."""
    before = client.job(name)
    client.run(name)
    started = remarked = monotonic()
    patience = seconds_of(before.attempt_deadline) + SLACK_SECONDS
    tell(f"sent on its way; {patience:.0f} s at most")
    pause = FIRST_POLL_SECONDS
    while (now := monotonic()) - started < patience:
        job = client.job(name)
        if _has_ended(job, before):
            return _told(job, now - started, tell)
        if now - remarked > REMARK_SECONDS:
            remarked = now
            tell(f"running for {now - started:.0f} s ...")
        sleep(pause)
        pause = min(2 * pause, LONGEST_POLL_SECONDS)
    tell(f"no attempt has ended within {patience:.0f} s")
    return None


def _has_ended(job: Job, before: Job) -> bool:
    is_newer = job.last_attempt_time and job.last_attempt_time != before.last_attempt_time
    return bool(is_newer) and job.status.code != NO_RESULT


def _told(job: Job, seconds: float, tell: Callable[[str], None]) -> bool:
    if not job.status.code:
        tell(f"ok after {seconds:.1f} s")
        return True
    again = "; it is tried again by itself" if job.retry_config.retry_count else ""
    tell(f"{outcome(job)} after {seconds:.1f} s: {meaning(job)}{again}")
    return False
