"""`deploy/google.sh remove` takes down what it has set up, and leaves the backups."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.google_project import ACCOUNT, BUCKET, GoogleProject, google_project
from emulators.gcloud_forks import GcloudForks
from emulators.storage_conditions import ApiError

NAME = "btc-logger/backups/00000001.json"


@pytest.fixture
def project(tmp_path: Path, forks: GcloudForks) -> Iterator[GoogleProject]:
    """One that is set up, with a backup, and with an account of somebody else."""
    with google_project(tmp_path / "google", forks) as project:
        assert project.run("--no-doctor").returncode == 0
        project.storage.plant(BUCKET, NAME, b"{}")
        yield project


def left(project: GoogleProject) -> dict[str, int]:
    """How much of each kind there still is."""
    return {
        "jobs": len(project.scheduler.jobs),
        "functions": len(project.cloud.functions),
        "secrets": len(project.cloud.secrets),
        "accounts": len(project.cloud.accounts),
    }


def test_nothing_is_removed_that_nobody_confirmed(project: GoogleProject) -> None:
    """Where there is nobody to ask, it takes --yes; a dry run asks nobody."""
    before, there = project.changes(), left(project)
    refused = project.run("remove")
    assert refused.returncode == 2
    assert "Give --yes" in refused.stderr
    shown = project.run("--dry-run", "remove", "--yes")
    assert shown.returncode == 0
    assert "+ gcloud functions delete btc-backup" in shown.stdout
    assert "storage rm" not in shown.stdout
    assert project.changes() == before
    assert left(project) == there


def test_all_but_the_bucket_goes(project: GoogleProject) -> None:
    """Its backups stay, and no account of ours has a right in it; a second time is no fault."""
    done = project.run("remove", "--yes")
    assert done.returncode == 0, done.stderr
    assert left(project) == {"jobs": 0, "functions": 0, "secrets": 0, "accounts": 0}
    assert list(project.storage.objects(BUCKET)) == [NAME]
    members = {
        member
        for held in project.storage.bucket(BUCKET).policy.bindings.values()
        for member in held
    }
    assert not [member for member in members if ACCOUNT.partition("@")[2] in member]
    again = project.run("remove", "--yes")
    assert again.returncode == 0, again.stderr
    assert "no changes made" in again.stdout


def test_it_can_be_set_up_again_over_the_bucket_that_stayed(project: GoogleProject) -> None:
    """With the history that is in it."""
    assert project.run("remove", "--yes").returncode == 0
    project.key_file.unlink()
    done = project.run("--no-doctor")
    assert done.returncode == 0, done.stderr
    assert list(project.storage.objects(BUCKET)) == [NAME]
    assert project.roles("render") == {"roles/storage.objectCreator", "roles/storage.objectViewer"}


def test_the_bucket_goes_when_it_is_told_to(project: GoogleProject) -> None:
    """With every backup."""
    done = project.run("remove", "--with-bucket", "--yes")
    assert done.returncode == 0, done.stderr
    with pytest.raises(ApiError, match="does not exist"):
        project.storage.bucket(BUCKET)
