"""The Cloud Scheduler stand-in keeps jobs as the real one does, for Google's own client."""

import json
import subprocess
import sys
import urllib.request
from typing import Any

import pytest
from google.api_core.exceptions import (
    BadRequest,
    Conflict,
    Forbidden,
    GoogleAPICallError,
    NotFound,
    ServiceUnavailable,
)
from google.cloud.scheduler_v1 import CloudSchedulerClient, ListJobsRequest, PubsubTarget
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask

from deploy.scheduler_client import PARENT, client_of, job
from emulators.scheduler_api import SchedulerFake
from vendor import ROOT


@pytest.fixture
def client(scheduler: SchedulerFake) -> CloudSchedulerClient:
    """Google's own."""
    return client_of(scheduler)


def test_a_job_is_completed_as_the_service_does_it(
    scheduler: SchedulerFake, client: CloudSchedulerClient
) -> None:
    """State, times, deadline, retries, user agent, and the slash of a root."""
    client.create_job(parent=PARENT, job=job(url="https://example.com"))
    assert scheduler.jobs["job"] == {
        "name": f"{PARENT}/jobs/job",
        "schedule": "*/30 * * * *",
        "timeZone": "Etc/UTC",
        "state": "ENABLED",
        "status": {"code": -1},
        "userUpdateTime": "2026-11-22T20:01:00Z",
        "scheduleTime": "2026-11-22T20:30:00Z",
        "attemptDeadline": "180s",
        "retryConfig": {
            "maxRetryDuration": "0s",
            "minBackoffDuration": "5s",
            "maxBackoffDuration": "3600s",
            "maxDoublings": 5,
        },
        "httpTarget": {
            "uri": "https://example.com/",
            "httpMethod": "POST",
            "headers": {
                "User-Agent": "Google-Cloud-Scheduler",
                "Content-Type": "application/octet-stream",
            },
            "body": "e30=",
        },
    }


def test_a_schedule_is_of_the_jobs_zone(
    scheduler: SchedulerFake, client: CloudSchedulerClient
) -> None:
    """Nine o'clock in Tokyo is midnight in UTC."""
    client.create_job(parent=PARENT, job=job(schedule="0 9 * * *", time_zone="Asia/Tokyo"))
    assert scheduler.jobs["job"]["scheduleTime"] == "2026-11-23T00:00:00Z"


def test_jobs_come_in_pages(client: CloudSchedulerClient) -> None:
    """Each once, in order; jobs of another place are not among them."""
    names = [f"{PARENT}/jobs/job-{number}" for number in range(5)]
    for name in reversed(names):
        client.create_job(parent=PARENT, job=job(name.rpartition("/")[2]))
    elsewhere = PARENT.replace("us-central1", "europe-west1")
    far = job()
    far.name = f"{elsewhere}/jobs/job"
    client.create_job(parent=elsewhere, job=far)
    pages = client.list_jobs(ListJobsRequest(parent=PARENT, page_size=2)).pages
    assert [[one.name for one in page.jobs] for page in pages] == [names[:2], names[2:4], names[4:]]


@pytest.mark.parametrize("paths", [["http_target.uri"], ["http_target.headers", "http_target.uri"]])
def test_an_update_changes_what_its_mask_names(
    scheduler: SchedulerFake, client: CloudSchedulerClient, paths: list[str]
) -> None:
    """The rest of what it carries is not looked at; the client says camelCase."""
    client.create_job(parent=PARENT, job=job(http_target={"headers": {"X-Own": "1"}}))
    before = scheduler.jobs["job"]
    changed = job(url="https://new.example.com/a", schedule="* * * * *", description="no")
    client.update_job(job=changed, update_mask=FieldMask(paths=paths))
    before["httpTarget"]["uri"] = "https://new.example.com/a"
    if "http_target.headers" in paths:
        del before["httpTarget"]["headers"]["X-Own"]
    assert scheduler.jobs["job"] == before
    assert scheduler.changes[-1].mask.split(",") == [
        path.replace("http_target", "httpTarget") for path in paths
    ]


def test_a_mask_may_be_in_snake_case(
    scheduler: SchedulerFake, client: CloudSchedulerClient
) -> None:
    """As the fields are called elsewhere; an enum may come as a number or by its name."""
    client.create_job(parent=PARENT, job=job())
    for method in ("PUT", 4):
        body = {"httpTarget": {"uri": "https://example.com/", "httpMethod": method}}
        address = f"{scheduler.url}v1/{PARENT}/jobs/job?updateMask=http_target.http_method"
        request = urllib.request.Request(  # noqa: S310  loopback
            address, json.dumps(body).encode(), method="PATCH"
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310  loopback
            assert json.load(answer)["httpTarget"]["httpMethod"] == "PUT"
    assert scheduler.jobs["job"]["httpTarget"]["uri"] == "http://127.0.0.1:9/"


def test_a_paused_job_stays_so_through_a_change(
    scheduler: SchedulerFake, client: CloudSchedulerClient
) -> None:
    """What is paused twice, or resumed while it runs, is refused as the documentation says."""
    client.create_job(parent=PARENT, job=job())
    name = f"{PARENT}/jobs/job"
    with pytest.raises(BadRequest, match="must be PAUSED"):
        client.resume_job(name=name)
    client.pause_job(name=name)
    with pytest.raises(BadRequest, match="must be ENABLED"):
        client.pause_job(name=name)
    client.update_job(job=job(schedule="0 * * * *"), update_mask=FieldMask(paths=["schedule"]))
    assert scheduler.jobs["job"]["state"] == "PAUSED"
    client.resume_job(name=name)
    assert scheduler.jobs["job"]["state"] == "ENABLED"
    assert scheduler.jobs["job"]["scheduleTime"] == "2026-11-22T21:00:00Z"


def test_what_is_there_is_made_once_and_what_is_gone_is_not_found(
    client: CloudSchedulerClient,
) -> None:
    """409 and 404."""
    name = f"{PARENT}/jobs/job"
    client.create_job(parent=PARENT, job=job())
    with pytest.raises(Conflict, match="already exists"):
        client.create_job(parent=PARENT, job=job())
    client.delete_job(name=name)
    for call in (client.get_job, client.run_job, client.pause_job, client.delete_job):
        with pytest.raises(NotFound, match="Job not found"):
            call(name=name)
    with pytest.raises(NotFound, match="not a valid location"):
        client.list_jobs(parent="projects/my-project/locations/nowhere")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"schedule": "every now and then"}, "Schedule or time zone is invalid"),
        ({"schedule": "61 * * * *"}, "Schedule or time zone is invalid"),
        ({"schedule": ""}, "Schedule or time zone is invalid"),
        ({"time_zone": "Mars/Olympus"}, "Schedule or time zone is invalid"),
        ({"attempt_deadline": Duration(seconds=14)}, "attempt_deadline"),
        ({"attempt_deadline": Duration(seconds=1801)}, "attempt_deadline"),
        ({"retry_config": {"retry_count": 6}}, "retry_count"),
        ({"description": "x" * 501}, "description"),
        ({"http_target": {"uri": "ftp://example.com/"}}, "HttpTarget.uri"),
        ({"http_target": {"http_method": "GET"}}, "HttpTarget.body"),
    ],
)
def test_a_job_that_cannot_be_is_refused(
    client: CloudSchedulerClient, fields: dict[str, Any], said: str
) -> None:
    """As it is made, and as it is changed."""
    with pytest.raises(BadRequest, match=said):
        client.create_job(parent=PARENT, job=job(**fields))
    client.create_job(parent=PARENT, job=job())
    with pytest.raises(BadRequest, match=said):
        client.update_job(job=job(**fields), update_mask=FieldMask(paths=[*fields]))


def test_a_job_has_a_target(client: CloudSchedulerClient) -> None:
    """Without one there would be nothing to do."""
    without = job()
    del without.http_target
    with pytest.raises(BadRequest, match="must contain a target"):
        client.create_job(parent=PARENT, job=without)


def test_a_jobs_account_has_to_be_there() -> None:
    """Whoever makes the job has to be allowed to act as it."""
    with SchedulerFake(knows_account=lambda account: account == "known@example.com") as fake:
        client = client_of(fake)
        for account in ("known@example.com", "unknown@example.com"):
            token = {"oidc_token": {"service_account_email": account}}
            wanted = job(account.partition("@")[0], http_target=token)
            if account.startswith("known"):
                client.create_job(parent=PARENT, job=wanted)
                continue
            with pytest.raises(Forbidden, match=r"iam\.serviceAccounts\.actAs"):
                client.create_job(parent=PARENT, job=wanted)
        assert [*fake.jobs] == ["known"]


def test_a_planned_refusal_comes_once(
    scheduler: SchedulerFake, client: CloudSchedulerClient
) -> None:
    """The next request gets it, in Google's form."""
    scheduler.refuse_next(503, 14, "The service is currently unavailable.")
    with pytest.raises(ServiceUnavailable, match="currently unavailable"):
        client.create_job(parent=PARENT, job=job())
    client.create_job(parent=PARENT, job=job())
    assert [call.status for call in scheduler.calls] == [503, 200]


def test_what_is_not_offered_is_refused(scheduler: SchedulerFake) -> None:
    """A silent 200 would prove nothing."""
    request = urllib.request.Request(f"{scheduler.url}v1/projects/p/queues")  # noqa: S310
    with pytest.raises(urllib.error.HTTPError, match="501"):
        urllib.request.urlopen(request)  # noqa: S310  loopback
    assert [call.verb for call in scheduler.calls] == ["unknown"]


def test_it_is_started_from_a_shell_too() -> None:
    """It says where it is, and SIGTERM is an orderly end."""
    words = [sys.executable, str(ROOT / "tests" / "emulators" / "scheduler_api.py")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        with urllib.request.urlopen(f"{address}v1/projects/p/locations") as answer:  # noqa: S310
            assert "us-central1" in {one["locationId"] for one in json.load(answer)["locations"]}
        process.terminate()
    assert process.returncode == 0


def test_other_kinds_of_targets_are_not_offered(client: CloudSchedulerClient) -> None:
    """They are no part of this system."""
    other = job()
    other.pubsub_target = PubsubTarget(topic_name="projects/p/topics/t", data=b"x")
    with pytest.raises(GoogleAPICallError, match="HTTP targets alone"):
        client.create_job(parent=PARENT, job=other)
