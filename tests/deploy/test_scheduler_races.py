"""What comes between the set-up and the jobs of Cloud Scheduler: others, and refusals."""

from pathlib import Path

import pytest
from google.cloud.scheduler_v1 import Job

from deploy.scheduler_client import PARENT, client_of, job
from deploy.scheduler_setup import BACKUP_JOB, DAILY_JOB, Setup
from emulators.scheduler_api import SchedulerFake
from scheduling.endpoint import ENDPOINT
from scheduling.failures import JobExists, NoSuchJob, SchedulerDisabled, SchedulerRefused
from scheduling.jobs import whole_name
from shared.errors import BadSettings

DISABLED = (
    "Cloud Scheduler API has not been used in project 1 before or it is disabled. Enable it by ..."
)


def test_a_name_that_another_function_has_taken_is_refused(
    setup: Setup, scheduler: SchedulerFake
) -> None:
    """Rather than that two set-ups change one job in turns."""
    setup.apply({"FUNCTION_NAME": "btc", "SERVICE_NAME": "backup-eth"})
    taken = scheduler.jobs
    with pytest.raises(BadSettings, match="found a job of the function btc, expected none"):
        setup.apply({"FUNCTION_NAME": "btc-backup", "SERVICE_NAME": "eth"})
    assert scheduler.jobs == taken


def test_a_job_made_meanwhile_is_compared(setup: Setup, scheduler: SchedulerFake) -> None:
    """Somebody was faster, with another schedule."""
    setup.client.remember()
    client_of(scheduler).create_job(parent=PARENT, job=job(BACKUP_JOB, schedule="0 * * * *"))
    create, patch, other = setup.apply()
    assert (create, other) == ("create", "create")
    assert patch.startswith("patch ")
    assert scheduler.jobs[BACKUP_JOB]["schedule"] == "*/30 * * * *"


def test_a_job_deleted_meanwhile_is_made_anew(setup: Setup, scheduler: SchedulerFake) -> None:
    """Between the look and the change."""
    setup.apply()
    setup.client.remember()
    client_of(scheduler).delete_job(name=f"{PARENT}/jobs/{BACKUP_JOB}")
    assert setup.apply({"BACKUP_INTERVAL_MINUTES": "20"}) == ["patch schedule", "create"]
    assert scheduler.jobs[BACKUP_JOB]["schedule"] == "*/20 * * * *"


def test_a_left_over_job_that_is_gone_is_no_error(setup: Setup, scheduler: SchedulerFake) -> None:
    """Somebody was faster."""
    setup.apply({"SERVICE_NAME": "old"})
    setup.client.remember()
    client_of(scheduler).delete_job(name=f"{PARENT}/jobs/btc-backup-daily-old")
    setup.apply(delete_left_over=True)
    assert "btc-backup-daily-old: was gone already" in setup.told
    assert [*scheduler.jobs] == [BACKUP_JOB, DAILY_JOB]


def test_a_job_that_comes_and_goes_is_told(
    setup: Setup, scheduler: SchedulerFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After some tries it is a person who has to look."""
    setup.apply({"SERVICE_NAME": "other"})

    def vanish(name: str) -> Job:
        raise NoSuchJob(name)

    def refuse(job: Job) -> None:
        raise JobExists(job.name)

    monkeypatch.setattr(setup.client, "job", vanish)
    monkeypatch.setattr(setup.client, "create", refuse)
    with pytest.raises(JobExists, match="comes and goes"):
        setup.apply()
    assert len(scheduler.jobs) == 2


def test_a_job_whose_last_change_failed_is_written_again(setup: Setup) -> None:
    """As the documentation asks for; the stand-in never fails so."""
    setup.apply()
    setup.client.remember()
    Job.pb(setup.client.jobs()[0]).state = Job.State.UPDATE_FAILED
    assert setup.apply() == ["patch schedule"]


def test_a_service_that_is_not_enabled_stops_all_but_a_dry_run(
    setup: Setup, scheduler: SchedulerFake
) -> None:
    """Which tells what would be made once it is."""
    scheduler.refuse_next(403, 7, DISABLED)
    with pytest.raises(SchedulerDisabled, match="gcloud services enable"):
        setup.apply()
    scheduler.refuse_next(403, 7, DISABLED)
    assert setup.apply(dry_run=True) == []
    assert setup.changes == 2


def test_an_account_that_is_not_there_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what makes it, and the right that whoever makes the job needs."""
    with SchedulerFake(knows_account=lambda _: False) as scheduler:
        monkeypatch.setenv(ENDPOINT, scheduler.url)
        with pytest.raises(SchedulerRefused, match="whoever makes the jobs needs"):
            Setup(tmp_path, scheduler).apply()


def test_a_call_that_fails_for_a_moment_is_made_again(
    setup: Setup, scheduler: SchedulerFake
) -> None:
    """Where it is safe: a second look, a second change to the same."""
    setup.apply()
    scheduler.refuse_next(503, 14, "The service is currently unavailable.")
    assert setup.apply() == []
    name = whole_name(setup.settings(), "backup", "btc-logger")
    scheduler.refuse_next(503, 14, "The service is currently unavailable.")
    setup.client.delete(name)
    assert BACKUP_JOB not in scheduler.jobs
