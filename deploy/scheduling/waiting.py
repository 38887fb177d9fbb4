"""Waits for an execution that was just asked for, and tells what came of it.

Cloud Scheduler says nothing of an attempt before it has ended; then the job has a newer time of
its last attempt, and a status.
"""

from collections.abc import Callable
from time import monotonic, sleep

from google.cloud.scheduler_v1 import Job
from google.rpc.code_pb2 import Code

from scheduling.client import SchedulerClient

POLL_SECONDS = 1.0
SLACK_SECONDS = 60  # beyond the attempt's deadline, for the queue before it
REMARK_SECONDS = 15.0


def outcome(job: Job) -> str:
    """What became of the last attempt, in a word or two."""
    if not job.last_attempt_time:
        return "never run"
    return (
        "ok"
        if not job.status.code
        else f"{Code.Name(job.status.code).lower()} {job.status.message}".strip()
    )


def run_and_wait(client: SchedulerClient, name: str, tell: Callable[[str], None]) -> bool | None:
    """Run the job now; whether its first attempt did well, None where none has ended in time."""
    before = client.job(name)
    client.run(name)
    started, told = monotonic(), monotonic()
    patience = before.attempt_deadline.total_seconds() + SLACK_SECONDS
    while monotonic() - started < patience:
        job = client.job(name)
        if job.last_attempt_time and job.last_attempt_time != before.last_attempt_time:
            tell(f"{outcome(job)} after {monotonic() - started:.1f} s")
            return not job.status.code
        if monotonic() - told > REMARK_SECONDS:
            told = monotonic()
            tell(f"running for {told - started:.0f} s, of {patience:.0f} at most ...")
        sleep(POLL_SECONDS)
    tell(f"no attempt has ended within {patience:.0f} s")
    return None
