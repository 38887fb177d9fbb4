"""Whoever waits for a run is told how it goes, and what a status means."""

import pytest
from google.cloud.scheduler_v1 import Job
from google.rpc.code_pb2 import Code

from deploy.scheduler_client import PARENT, client_of, job
from deploy.scheduler_setup import BACKUP_JOB, Setup
from deploy.scheduler_target import Target
from emulators.scheduler_api import SchedulerFake
from scheduling import waiting
from scheduling.outcome import outcome
from scheduling.waiting import run_and_wait

NAME = f"{PARENT}/jobs/{BACKUP_JOB}"
STARTED = {"seconds": 1_795_000_000}


def test_a_run_that_takes_long_is_remarked_and_one_that_does_not_end_is_told(
    setup: Setup, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An attempt's whole deadline and a minute are waited for; here a moment of it."""
    setup.apply(url=target.url)
    monkeypatch.setattr(waiting, "SLACK_SECONDS", -269)  # of a deadline of 270
    monkeypatch.setattr(waiting, "REMARK_SECONDS", 0)
    told: list[str] = []
    with target.holding():
        assert run_and_wait(setup.client, NAME, told.append) is None
    assert told[0] == "sent on its way; 1 s at most"
    assert told[1].startswith("running for ")
    assert told[-1] == "no attempt has ended within 1 s"


def test_the_result_of_a_run_before_is_not_taken_for_this_ones(
    setup: Setup, scheduler: SchedulerFake, target: Target
) -> None:
    """The one before did well, and this one does not."""
    setup.apply(url=target.url)
    assert run_and_wait(setup.client, NAME, print)
    scheduler.clock.advance(seconds=1)
    target.statuses = [503]
    assert run_and_wait(setup.client, NAME, print) is False


def test_a_job_without_retries_is_not_said_to_be_tried_again(
    setup: Setup, scheduler: SchedulerFake, target: Target
) -> None:
    """As somebody else may have made it."""
    client_of(scheduler).create_job(parent=PARENT, job=job(url=target.url))
    target.status = 403
    told: list[str] = []
    assert run_and_wait(setup.client, f"{PARENT}/jobs/job", told.append) is False
    assert "permission_denied after" in told[-1]
    assert "tried again" not in told[-1]


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (Job(status={"code": -1}), "never run"),
        (Job(last_attempt_time=STARTED, status={"code": -1}), "running"),
        (Job(last_attempt_time=STARTED), "ok"),
        (Job(last_attempt_time=STARTED, status={"code": Code.UNAVAILABLE}), "unavailable"),
        (
            Job(last_attempt_time=STARTED, status={"code": 13, "message": "why"}),
            "internal why",
        ),
        (Job(last_attempt_time=STARTED, status={"code": 99}), "code 99"),
    ],
)
def test_an_outcome_is_a_word(found: Job, told: str) -> None:
    """Google's, where it has one."""
    assert outcome(found) == told
