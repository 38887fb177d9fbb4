"""The set-up brings the jobs of Cloud Scheduler to what the settings want, and touches no more."""

import json
from base64 import b64decode
from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask

from deploy.scheduler_client import PARENT, client_of, job
from deploy.scheduler_setup import BACKUP_JOB, DAILY_JOB, ONE_OF_SEVERAL, SEVERAL, URL, Setup
from emulators.scheduler_api import SchedulerFake


def test_ten_times_is_as_once(setup: Setup, scheduler: SchedulerFake) -> None:
    """What is as it should be is only looked at."""
    assert setup.apply() == ["create", "create"]
    assert setup.told == [
        f"{BACKUP_JOB}: made, */30 * * * * UTC",
        f"{DAILY_JOB}: made, 17 3 * * * UTC",
    ]
    jobs = scheduler.jobs
    for _ in range(9):
        assert setup.apply() == []
        assert setup.changes == 0
    assert setup.told == [f"{BACKUP_JOB}: as it should be", f"{DAILY_JOB}: as it should be"]
    assert scheduler.jobs == jobs


def test_a_job_is_what_the_function_wants(setup: Setup, scheduler: SchedulerFake) -> None:
    """The root of the service as audience, and a deadline beyond the function's own."""
    setup.apply(url=f"{URL}/")
    made = scheduler.jobs[BACKUP_JOB]
    target = made["httpTarget"]
    assert target["uri"] == f"{URL}/"
    assert target["httpMethod"] == "POST"
    assert target["headers"]["Content-Type"] == "application/json"
    assert json.loads(b64decode(target["body"])) == {"action": "backup"}
    assert target["oidcToken"] == {
        "serviceAccountEmail": "btc-backup-scheduler@my-project.iam.gserviceaccount.com",
        "audience": URL,
    }
    assert made["attemptDeadline"] == "270s"
    assert made["timeZone"] == "Etc/UTC"
    assert made["retryConfig"] == {
        "retryCount": 3,
        "maxRetryDuration": "0s",
        "minBackoffDuration": "10s",
        "maxBackoffDuration": "60s",
        "maxDoublings": 2,
    }
    body = json.loads(b64decode(scheduler.jobs[DAILY_JOB]["httpTarget"]["body"]))
    assert body == {"action": "maintenance"}


@pytest.mark.parametrize(
    ("lines", "calls"),
    [
        ({"BACKUP_INTERVAL_MINUTES": "20"}, ["patch schedule"]),
        ({"DAILY_AT": "04:00"}, ["patch schedule"]),
        ({"FUNCTION_TIMEOUT_SECONDS": "300"}, ["patch attemptDeadline", "patch attemptDeadline"]),
    ],
)
def test_a_changed_setting_changes_just_its_field(
    setup: Setup, lines: dict[str, str], calls: list[str]
) -> None:
    """In the jobs that it is of; a second time there is nothing left to do."""
    setup.apply()
    assert setup.apply(lines) == calls
    assert setup.changes == len(calls)
    assert setup.apply(lines) == []


def test_a_function_elsewhere_changes_address_and_audience(setup: Setup) -> None:
    """Both jobs call it there."""
    setup.apply()
    mask = "patch httpTarget.uri,httpTarget.oidcToken.audience"
    assert setup.apply(url="https://new.example.com") == [mask, mask]
    assert f"http_target.oidc_token.audience: {URL} -> https://new.example.com" in setup.told[0]


@pytest.mark.parametrize(
    ("changed", "paths", "told"),
    [
        ({"schedule": "0 * * * *"}, ["schedule"], "schedule: 0 * * * * -> */30 * * * *"),
        ({"time_zone": "Asia/Tokyo"}, ["time_zone"], "time_zone: Asia/Tokyo -> Etc/UTC"),
        ({"description": ""}, ["description"], "description: none -> Made by"),
        ({}, ["retry_config"], "retry_config.retry_count: 0 -> 3"),
        (
            {"attempt_deadline": Duration(seconds=180)},
            ["attempt_deadline"],
            "attempt_deadline: 180 s -> 270 s",
        ),
        (
            {"http_target": {"http_method": "PUT"}},
            ["http_target.http_method"],
            "http_target.http_method: PUT -> POST",
        ),
        (
            {"http_target": {"headers": {"X-Own": "1"}}},
            ["http_target.headers"],
            "octet-stream, X-Own: 1 -> Content-Type: application/json",
        ),
        ({"http_target": {"body": b"?"}}, ["http_target.body"], "http_target.body: ? -> {"),
        (
            {"http_target": {"oauth_token": {"service_account_email": "me@example.com"}}},
            ["http_target.oauth_token"],
            "http_target.oidc_token.service_account_email: none -> btc-backup-scheduler@",
        ),
    ],
)
def test_what_somebody_changed_by_hand_is_put_right_and_told(
    setup: Setup, scheduler: SchedulerFake, changed: dict[str, Any], paths: list[str], told: str
) -> None:
    """Field by field; the job is the same as before then."""
    setup.apply()
    before = scheduler.jobs
    hand = job(BACKUP_JOB, **changed)
    client_of(scheduler).update_job(job=hand, update_mask=FieldMask(paths=paths))
    assert scheduler.jobs != before
    (call,) = setup.apply()
    assert call.startswith("patch ")
    assert f"{BACKUP_JOB}: changed, " in setup.told[0]
    assert told in setup.told[0]
    assert scheduler.jobs == before


def test_a_header_in_other_letters_is_the_same(setup: Setup, scheduler: SchedulerFake) -> None:
    """HTTP makes no difference."""
    setup.apply()
    hand = job(BACKUP_JOB, http_target={"headers": {"content-type": "application/json"}})
    mask = FieldMask(paths=["http_target.headers"])
    client_of(scheduler).update_job(job=hand, update_mask=mask)
    assert setup.apply() == []


def test_a_paused_job_stays_paused(setup: Setup, scheduler: SchedulerFake) -> None:
    """Also where something of it has to change; whoever reads it is told."""
    setup.apply()
    client_of(scheduler).pause_job(name=f"{PARENT}/jobs/{BACKUP_JOB}")
    assert setup.apply() == []
    assert "paused" in setup.told[0]
    assert setup.apply({"BACKUP_INTERVAL_MINUTES": "20"}) == ["patch schedule"]
    assert "paused" in setup.told[0]
    assert scheduler.jobs[BACKUP_JOB]["state"] == "PAUSED"


def test_a_dry_run_tells_and_touches_nothing(setup: Setup, scheduler: SchedulerFake) -> None:
    """What would be made, changed and deleted."""
    assert setup.apply(dry_run=True) == []
    assert (setup.changes, setup.told[0]) == (2, f"{BACKUP_JOB}: would be made, */30 * * * * UTC")
    setup.apply(SEVERAL)
    lines = {**ONE_OF_SEVERAL, "DAILY_AT": "04:00"}
    assert setup.apply(lines, dry_run=True, delete_left_over=True) == []
    assert setup.told == [
        f"{BACKUP_JOB}: as it should be",
        f"{DAILY_JOB}: would be changed, schedule: 17 3 * * * -> 0 4 * * *",
        "btc-backup-backup-eth-logger: would be deleted",
        "btc-backup-daily-eth-logger: would be deleted",
    ]
    assert len(scheduler.jobs) == 4


def test_each_of_several_loggers_has_its_own_jobs(setup: Setup, scheduler: SchedulerFake) -> None:
    """Which name the logger that they are about."""
    assert setup.apply(SEVERAL) == ["create"] * 4
    asked = [json.loads(b64decode(made["httpTarget"]["body"])) for made in scheduler.jobs.values()]
    assert asked == [
        {"action": action, "target": target}
        for target in ("btc-logger", "eth-logger")
        for action in ("backup", "maintenance")
    ]
    assert setup.apply(SEVERAL) == []


def test_jobs_of_a_logger_that_was_taken_away_are_named_and_deleted_when_told(
    setup: Setup, scheduler: SchedulerFake
) -> None:
    """By default they go on: nobody's backups end in silence."""
    setup.apply(SEVERAL)
    assert setup.apply(ONE_OF_SEVERAL) == []
    assert [text for text in setup.told if "--delete-left-over" in text] == [
        "btc-backup-backup-eth-logger: no longer wanted; --delete-left-over deletes it",
        "btc-backup-daily-eth-logger: no longer wanted; --delete-left-over deletes it",
    ]
    assert setup.apply(ONE_OF_SEVERAL, delete_left_over=True) == ["delete", "delete"]
    assert [*scheduler.jobs] == [BACKUP_JOB, DAILY_JOB]


def test_nobody_elses_jobs_are_touched(setup: Setup, scheduler: SchedulerFake) -> None:
    """Neither a person's, whatever its name, nor another function's, whose name begins alike."""
    client = client_of(scheduler)
    client.create_job(parent=PARENT, job=job("btc-backup-backup-mine", description="mine"))
    setup.apply({"SERVICE_NAME": "eth"})
    others = scheduler.jobs
    setup.apply({"FUNCTION_NAME": "btc", "SERVICE_NAME": "old"})
    new = {"FUNCTION_NAME": "btc", "SERVICE_NAME": "new"}
    calls = setup.apply(new, delete_left_over=True)
    assert calls == ["create", "create", "delete", "delete"]
    names = {"btc-backup-new", "btc-daily-new"}
    assert {*scheduler.jobs} == {*others} | names
    assert others.items() <= scheduler.jobs.items()
