"""The real gcloud manages the same jobs, on the same stand-in."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from google.rpc.code_pb2 import Code

from deploy.scheduler_setup import BACKUP_JOB, DAILY_JOB, Setup
from deploy.scheduler_target import Target
from emulators.scheduler_api import SchedulerFake

pytestmark = pytest.mark.skipif(shutil.which("gcloud") is None, reason="gcloud is not installed")


class Gcloud:
    """Runs `gcloud scheduler` against a stand-in, with a configuration of its own."""

    def __init__(self, folder: Path, url: str) -> None:
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "CLOUDSDK_CONFIG": str(folder / "gcloud"),
            "CLOUDSDK_CORE_PROJECT": "my-project",
            "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
            "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "1",
            "CLOUDSDK_CORE_CHECK_GCE_METADATA": "0",
            "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "1",
            "CLOUDSDK_AUTH_DISABLE_CREDENTIALS": "1",
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDSCHEDULER": url,
        }

    def __call__(self, *words: str) -> Any:
        """What it prints as JSON."""
        done = self.tried(*words)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout or "null")

    def tried(self, *words: str) -> subprocess.CompletedProcess[str]:
        """How it ended."""
        place = [] if words[0] == "locations" else ["--location=us-central1"]
        return subprocess.run(
            ["gcloud", "scheduler", *words, *place, "--format=json"],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def gcloud(tmp_path: Path, scheduler: SchedulerFake) -> Gcloud:
    """It, on the stand-in."""
    return Gcloud(tmp_path, scheduler.url)


def test_gcloud_makes_changes_runs_and_deletes_a_job(
    gcloud: Gcloud, scheduler: SchedulerFake, target: Target
) -> None:
    """A second creation, and a job that is gone, are told as the real service tells them."""
    assert "us-central1" in [place["locationId"] for place in gcloud("locations", "list")]
    creation = (
        *("jobs", "create", "http", "job", "--schedule=*/5 * * * *", f"--uri={target.url}"),
        *("--message-body={}", "--oidc-service-account-email=me@example.com"),
        "--headers=Content-Type=application/json",
    )
    gcloud(*creation)
    assert "ALREADY_EXISTS" in gcloud.tried(*creation).stderr
    gcloud(*("jobs", "update", "http", "job", "--schedule=*/10 * * * *", "--max-backoff=60s"))
    masks = [call.mask for call in scheduler.changes if call.verb == "patch"]
    assert masks == ["retryConfig.maxBackoffDuration,schedule"]
    described = gcloud("jobs", "describe", "job")
    assert described == scheduler.jobs["job"]
    assert described["retryConfig"]["maxBackoffDuration"] == "60s"
    for verb, state in (("pause", "PAUSED"), ("resume", "ENABLED")):
        gcloud("jobs", verb, "job")
        assert [one["state"] for one in gcloud("jobs", "list")] == [state]
    gcloud("jobs", "run", "job")
    (attempt,) = scheduler.wait_for_attempts(1)
    assert attempt.code == Code.OK
    gcloud("jobs", "delete", "job")
    assert "NOT_FOUND" in gcloud.tried("jobs", "describe", "job").stderr


def test_what_gcloud_changed_the_set_up_puts_right(
    gcloud: Gcloud, setup: Setup, scheduler: SchedulerFake
) -> None:
    """And a job that gcloud has paused stays paused."""
    setup.apply()
    made = scheduler.jobs
    listed = {one["name"].rpartition("/")[2]: one for one in gcloud("jobs", "list")}
    assert listed == made
    gcloud("jobs", "update", "http", BACKUP_JOB, "--schedule=0 * * * *", "--attempt-deadline=180s")
    gcloud("jobs", "pause", DAILY_JOB)
    assert setup.apply() == ["patch schedule,attemptDeadline"]
    assert scheduler.jobs[BACKUP_JOB] == made[BACKUP_JOB]
    assert scheduler.jobs[DAILY_JOB]["state"] == "PAUSED"
