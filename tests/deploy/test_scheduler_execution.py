"""The Cloud Scheduler stand-in runs its jobs as the documentation says that the real one does."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.auth.transport.requests import Request
from google.oauth2 import id_token
from google.protobuf.duration_pb2 import Duration
from google.rpc.code_pb2 import Code

from deploy.scheduler_client import PARENT, client_of, job
from deploy.scheduler_target import Target
from emulators.scheduler_api import SchedulerFake
from emulators.scheduler_clock import Clock
from emulators.scheduler_retries import Retries

NAME = f"{PARENT}/jobs/job"
ACCOUNT = "btc-backup-scheduler@my-project.iam.gserviceaccount.com"


def create(scheduler: SchedulerFake, target: Target, name: str = "job", **fields: Any) -> None:
    """Make a job that calls the target."""
    wanted = job(name, target.url, **fields)
    client_of(scheduler).create_job(parent=PARENT, job=wanted)


def run(scheduler: SchedulerFake) -> None:
    """Send the job on its way."""
    client_of(scheduler).run_job(name=NAME)


def test_a_job_is_sent_at_its_time(scheduler: SchedulerFake, target: Target) -> None:
    """Once, with the documented headers, and with those of the job that are not the service's."""
    own = {"Content-Type": "application/json", "X-Own": "1", "Host": "no", "X-Google-Own": "no"}
    create(scheduler, target, http_target={"headers": own, "body": b'{"a": 1}'})
    scheduler.clock.advance(minutes=29)
    (attempt,) = scheduler.wait_for_attempts(1)
    scheduler.wait_until_idle()
    (sent,) = target.requests
    assert (sent.method, sent.path, sent.body) == ("POST", "/", b'{"a": 1}')
    assert sent.headers["X-Own"] == "1"
    assert sent.headers["Content-Type"] == "application/json"
    assert sent.headers["User-Agent"] == "Google-Cloud-Scheduler"
    assert sent.headers["X-CloudScheduler"] == "true"
    assert sent.headers["X-CloudScheduler-JobName"] == "job"
    assert sent.headers["X-CloudScheduler-ScheduleTime"] == "2026-11-22T20:30:00Z"
    assert target.url.endswith(f"{sent.headers['Host']}/")
    assert not {"X-Google-Own", "Authorization"} & {*sent.headers}
    assert (attempt.job, attempt.number, attempt.code) == (NAME, 1, Code.OK)
    kept = scheduler.jobs["job"]
    assert (kept["lastAttemptTime"], kept["status"]) == ("2026-11-22T20:30:00Z", {})
    assert kept["scheduleTime"] == "2026-11-22T21:00:00Z"


@pytest.mark.parametrize("audience", [None, "https://function.example.com"])
def test_a_token_says_who_calls_whom(
    scheduler: SchedulerFake, target: Target, audience: str | None
) -> None:
    """Google's own library takes it, with the stand-in's public key; the audience defaults."""
    token = {"service_account_email": ACCOUNT} | ({"audience": audience} if audience else {})
    create(scheduler, target, http_target={"oidc_token": token})
    run(scheduler)
    target.wait_for(1)
    kind, _, sent = target.requests[0].headers["Authorization"].partition(" ")
    assert kind == "Bearer"
    expected = audience or target.url

    def verified(audience: str) -> Any:
        return id_token.verify_token(sent, Request(), audience, certs_url=scheduler.certs_url)

    claims = verified(expected)
    assert (claims["email"], claims["email_verified"]) == (ACCOUNT, True)
    assert claims["iss"] == "https://accounts.google.com"
    assert claims["exp"] - claims["iat"] == 3600
    with pytest.raises(ValueError, match="audience"):
        verified("https://another.example.com")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (204, Code.OK),
        (400, Code.INVALID_ARGUMENT),
        (401, Code.UNAUTHENTICATED),
        (403, Code.PERMISSION_DENIED),
        (404, Code.NOT_FOUND),
        (500, Code.INTERNAL),
        (503, Code.UNAVAILABLE),
    ],
)
def test_only_an_answer_of_the_two_hundreds_is_a_success(
    scheduler: SchedulerFake, target: Target, status: int, code: int
) -> None:
    """Any other becomes a code of google.rpc, and without retries that is the end."""
    target.status = status
    create(scheduler, target)
    run(scheduler)
    scheduler.wait_until_idle()
    (attempt,) = scheduler.attempts
    assert (attempt.attempt.status, attempt.code) == (status, code)
    assert scheduler.jobs["job"]["status"] == ({"code": code} if code else {})


def test_a_target_that_is_not_there_is_unavailable(scheduler: SchedulerFake) -> None:
    """Its port is closed."""
    with Target() as gone:
        pass
    create(scheduler, gone)
    run(scheduler)
    scheduler.wait_until_idle()
    (attempt,) = scheduler.attempts
    assert (attempt.attempt.status, attempt.code) == (None, Code.UNAVAILABLE)


def test_an_attempt_ends_at_its_deadline(target: Target) -> None:
    """Of 15 seconds by a clock that runs a hundred times as fast."""
    with SchedulerFake(clock=Clock(speed=100)) as scheduler, target.holding():
        create(scheduler, target, schedule="0 0 1 1 *", attempt_deadline=Duration(seconds=15))
        run(scheduler)
        (attempt,) = scheduler.wait_for_attempts(1)
        assert (attempt.attempt.status, attempt.code) == (None, Code.DEADLINE_EXCEEDED)


def test_what_fails_is_tried_again_after_a_growing_pause(
    scheduler: SchedulerFake, target: Target
) -> None:
    """Until it succeeds; all attempts are of the one execution."""
    target.statuses = [503, 500, 503, 200]
    retries = {"retry_count": 5, "min_backoff_duration": {"seconds": 10}}
    create(scheduler, target, retry_config=retries)
    scheduler.clock.advance(minutes=29)
    for count, pause in enumerate((10, 20, 40), 1):
        scheduler.wait_for_attempts(count)
        scheduler.clock.advance(seconds=pause)
    attempts = scheduler.wait_for_attempts(4)
    scheduler.wait_until_idle()
    assert [one.number for one in attempts] == [1, 2, 3, 4]
    assert [one.code for one in attempts] == [14, 13, 14, 0]
    first = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)
    assert [(one.began_at - first).seconds for one in attempts] == [0, 10, 30, 70]
    told = {one.headers["X-CloudScheduler-ScheduleTime"] for one in target.requests}
    assert told == {"2026-11-22T20:30:00Z"}


def test_retries_end_with_their_number(scheduler: SchedulerFake, target: Target) -> None:
    """One attempt more than retries; then the schedule goes on."""
    target.status = 500
    create(scheduler, target, retry_config={"retry_count": 2})
    scheduler.clock.advance(minutes=29)
    for count, pause in enumerate((5, 10), 1):
        scheduler.wait_for_attempts(count)
        scheduler.clock.advance(seconds=pause)
    scheduler.wait_for_attempts(3)
    scheduler.wait_until_idle()
    assert len(scheduler.attempts) == 3
    assert scheduler.jobs["job"]["scheduleTime"] == "2026-11-22T21:00:00Z"


def test_retries_end_where_the_schedule_comes_round(
    scheduler: SchedulerFake, target: Target
) -> None:
    """A pause that reaches the next execution is none: that one begins anew."""
    target.status = 500
    retries = {"retry_count": 5, "min_backoff_duration": {"seconds": 50}}
    create(scheduler, target, schedule="* * * * *", retry_config=retries)
    for count, pause in enumerate((60, 50, 10), 1):
        scheduler.clock.advance(seconds=pause)
        scheduler.wait_for_attempts(count)
    assert [one.number for one in scheduler.attempts] == [1, 2, 1]


def test_pauses_are_those_of_the_documentation() -> None:
    """Its example: doubled three times, then growing evenly, then the longest."""
    retries = Retries(9, timedelta(), timedelta(seconds=10), timedelta(seconds=300), 3)
    pauses = [retries.pause(failed).seconds for failed in range(1, 9)]
    assert pauses == [10, 20, 40, 80, 160, 240, 300, 300]


@pytest.mark.parametrize(
    ("count", "longest", "failed", "elapsed", "goes_on"),
    [
        (0, 0, 1, 0, False),
        (2, 0, 2, 9999, True),
        (2, 0, 3, 1, False),
        (2, 100, 3, 99, True),
        (2, 100, 2, 101, True),
        (2, 100, 3, 100, False),
    ],
)
def test_with_two_limits_retries_end_when_both_are_reached(
    count: int, longest: int, failed: int, elapsed: int, *, goes_on: bool
) -> None:
    """A duration of 0 is none."""
    retries = Retries(count, timedelta(seconds=longest), timedelta(), timedelta(), 5)
    assert retries.goes_on(failed, timedelta(seconds=elapsed)) is goes_on


def test_an_execution_by_the_schedule_waits_for_the_one_before(
    scheduler: SchedulerFake, target: Target
) -> None:
    """Another job shows that its time has come; it begins late, and for its own time."""
    create(scheduler, target, "slow")
    create(scheduler, target, "quick", http_target={"uri": f"{target.url}quick"})
    with target.holding("/"):
        scheduler.clock.advance(minutes=29)
        target.wait_for(1, "/")
        target.wait_for(1, "/quick")
        scheduler.wait_for_attempts(1)
        scheduler.clock.advance(minutes=30)
        target.wait_for(2, "/quick")
        assert sum(sent.path == "/" for sent in target.requests) == 1
        scheduler.clock.advance(minutes=5)
    target.wait_for(2, "/")
    scheduler.wait_for_attempts(4)
    late = [sent for sent in target.requests if sent.path == "/"][1]
    assert late.headers["X-CloudScheduler-ScheduleTime"] == "2026-11-22T21:00:00Z"
    began_at = [one.began_at for one in scheduler.attempts if one.job.endswith("slow")]
    assert began_at[1:] == [datetime(2026, 11, 22, 21, 5, tzinfo=UTC)]


def test_of_several_times_that_went_by_only_the_latest_is_made_up_for(
    scheduler: SchedulerFake, target: Target
) -> None:
    """A target that was away for hours is called once."""
    create(scheduler, target)
    scheduler.clock.advance(hours=3)
    scheduler.wait_for_attempts(1)
    scheduler.wait_until_idle()
    (sent,) = target.requests
    assert sent.headers["X-CloudScheduler-ScheduleTime"] == "2026-11-22T23:00:00Z"


def test_a_delivery_may_come_twice(scheduler: SchedulerFake, target: Target) -> None:
    """Both at once, for the same time; the job goes on when both are answered, and once."""
    create(scheduler, target)
    scheduler.deliver_next_twice()
    with target.holding():
        scheduler.clock.advance(minutes=29)
        target.wait_for(2)
    scheduler.wait_until_idle()
    scheduler.clock.advance(minutes=30)
    scheduler.wait_for_attempts(3)
    times = [sent.headers["X-CloudScheduler-ScheduleTime"][11:16] for sent in target.requests]
    assert times == ["20:30", "20:30", "21:00"]


def test_a_run_begins_at_once_even_while_the_job_runs(
    scheduler: SchedulerFake, target: Target
) -> None:
    """The target has both at the same time; the schedule stays as it was."""
    create(scheduler, target)
    with target.holding():
        run(scheduler)
        target.wait_for(1)
        assert scheduler.jobs["job"]["status"] == {"code": -1}
        run(scheduler)
        target.wait_for(2)
    scheduler.wait_for_attempts(2)
    scheduler.wait_until_idle()
    assert scheduler.jobs["job"]["scheduleTime"] == "2026-11-22T20:30:00Z"


def test_a_paused_job_runs_only_when_it_is_asked_to(
    scheduler: SchedulerFake, target: Target
) -> None:
    """Another job shows that its time has come."""
    create(scheduler, target)
    create(scheduler, target, "other", http_target={"uri": f"{target.url}other"})
    client_of(scheduler).pause_job(name=NAME)
    scheduler.clock.advance(hours=1)
    target.wait_for(1, "/other")
    scheduler.wait_until_idle()
    run(scheduler)
    target.wait_for(1)
    scheduler.wait_for_attempts(2)
    assert [sent.path for sent in target.requests] == ["/other", "/"]


def test_a_job_that_is_deleted_is_not_tried_again(target: Target) -> None:
    """Once the stand-in has ended, nothing more can come."""
    target.status = 500
    with SchedulerFake(clock=Clock(speed=0)) as scheduler:
        create(scheduler, target, retry_config={"retry_count": 5})
        run(scheduler)
        scheduler.wait_for_attempts(1)
        client_of(scheduler).delete_job(name=NAME)
        scheduler.clock.advance(hours=5)
    assert len(target.requests) == 1


def test_time_passes_by_itself(target: Target) -> None:
    """Here a minute in a hundredth of a second, so that each minute's job soon has come twice."""
    with SchedulerFake(clock=Clock(speed=6000)) as scheduler:
        create(scheduler, target, schedule="* * * * *")
        attempts = scheduler.wait_for_attempts(2)
    began_at = [one.began_at for one in attempts[:2]]
    assert began_at[0] < began_at[1]
