"""gcloud and Google's own client manage one and the same job, each seeing what the other did."""

import json
from typing import Any

from google.cloud.scheduler_v1 import Job

from deploy.google_project import PROJECT
from deploy.scheduler_client import client_of
from end_to_end.whole import JOB, Whole

PLACE = "--location=us-central1"
NAME = f"projects/{PROJECT}/locations/us-central1/jobs/{JOB}"


def manage_one_job(whole: Whole) -> None:
    """Read it by both, stop and go on by turns, and put right by one what the other changed."""
    made = described(whole)
    assert made == read(whole), "gcloud and Google's client read different jobs"
    scheduler(whole, "pause", JOB)
    assert "paused" in whole.scheduler_py("list"), "scheduler.py does not list it as paused"
    whole.scheduler_py("resume", "backup")
    assert described(whole)["state"] == "ENABLED", "gcloud does not see that it goes on"
    scheduler(whole, "update", "http", JOB, "--schedule=0 4 1 1 *", "--max-retry-attempts=1")
    assert read(whole)["retryConfig"]["retryCount"] == 1, "the client does not see gcloud's change"
    put_right(whole)
    assert without_times(described(whole)) == without_times(made), "scheduler.py has left a change"


def put_right(whole: Whole) -> None:
    """Have Google's client make the job again what the settings say."""
    (function,) = whole.project.cloud.functions.values()
    whole.scheduler_py("apply", "--function-url", function["serviceConfig"]["uri"])


def scheduler(whole: Whole, verb: str, *words: str) -> bytes:
    """`gcloud scheduler jobs …`."""
    return whole.gcloud("scheduler", "jobs", verb, *words, PLACE)


def described(whole: Whole) -> dict[str, Any]:
    """The job, as gcloud reads it."""
    told: dict[str, Any] = json.loads(scheduler(whole, "describe", JOB, "--format=json"))
    return told


def read(whole: Whole) -> dict[str, Any]:
    """The job, as Google's client reads it."""
    job = client_of(whole.project.scheduler).get_job(name=NAME)
    how = {"use_integers_for_enums": False, "always_print_fields_with_no_presence": False}
    told: dict[str, Any] = json.loads(Job.to_json(job, **how))
    return told


def without_times(job: dict[str, Any]) -> dict[str, Any]:
    """All that does not change with every change."""
    return {name: told for name, told in job.items() if name != "userUpdateTime"}
