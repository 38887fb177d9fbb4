"""A run right after one that was cut off finds a project in which nothing has settled yet."""

from threading import Timer

import pytest

from deploy.google_listening import FUNCTION
from deploy.google_project import PROJECT, GoogleProject
from emulators.google_api import GoogleError
from emulators.google_failures import Failure, not_enabled
from google_cloud import deploying
from google_cloud.failures import GcloudFailed
from google_cloud.function import Deployed
from google_cloud.gcloud import Gcloud

SECRETS = "secretmanager.googleapis.com"
EARLY = "not known everywhere yet"


def test_what_an_earlier_run_has_enabled_may_still_be_unknown(project: GoogleProject) -> None:
    """Though this one has changed nothing before it meets that."""
    slow = project.cloud.plan(Failure("secrets.list", not_enabled(SECRETS), times=2))
    done = project.run("--no-doctor")
    assert done.returncode == 0, done.stderr
    assert slow.fired == done.stdout.count(EARLY) == 2
    assert "no changes made" in done.stdout


def test_a_service_that_is_off_is_enabled_and_not_waited_for(project: GoogleProject) -> None:
    """As somebody may have switched it off."""
    project.cloud.services.discard(SECRETS)
    done = project.run("--no-doctor")
    assert done.returncode == 0, done.stderr
    assert SECRETS in project.cloud.services
    assert EARLY not in done.stdout


def test_a_dry_run_waits_for_nothing(project: GoogleProject) -> None:
    """It enables nothing, so nothing would come."""
    project.cloud.services.discard(SECRETS)
    done = project.run("--dry-run")
    project.cloud.services.add(SECRETS)
    assert done.returncode == 0, done.stderr
    assert EARLY not in done.stdout


def test_a_deploy_that_google_cannot_queue_is_tried_again(project: GoogleProject) -> None:
    """Another one of the same function was begun in between."""
    refused = GoogleError(409, "unable to queue the operation", "ABORTED")
    queue = project.cloud.plan(Failure("functions.patch", refused))
    done = project.run("--no-doctor", FUNCTION_MEMORY_MB="1024")
    assert done.returncode == 0, done.stderr
    assert queue.fired == done.stdout.count(EARLY) == 1
    assert project.run("--no-doctor").returncode == 0


def test_a_deploy_that_goes_on_is_waited_for(project: GoogleProject) -> None:
    """Once it has ended the function is as it should be, and no second deploy is made."""
    function = project.cloud.functions[FUNCTION]
    function["state"] = "DEPLOYING"
    ending = Timer(8, function.update, [{"state": "ACTIVE"}])
    ending.start()
    done = project.run("--no-doctor")
    ending.join()
    assert done.returncode == 0, done.stderr
    assert "btc-backup is DEPLOYING: waiting for the end, at most 10 minutes" in done.stdout
    assert "no changes made" in done.stdout


def test_a_deploy_that_never_ends_is_named(
    project: GoogleProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for ever."""
    project.lead_here(monkeypatch)
    monkeypatch.setattr(deploying, "PATIENCE_SECONDS", 0)
    monkeypatch.setitem(project.cloud.functions[FUNCTION], "state", "DEPLOYING")
    with pytest.raises(GcloudFailed, match="btc-backup is DEPLOYING after 0 minutes, expected"):
        Deployed.find(Gcloud(PROJECT, lambda _: None), project.settings())
