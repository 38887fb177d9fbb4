"""What `deploy/google.sh` says when Google, or somebody's settings, are in the way."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.google_project import ACCOUNT, TAKEN, GoogleProject, google_project
from emulators.gcloud_forks import GcloudForks
from emulators.google_api import GoogleError
from emulators.google_failures import (
    Failure,
    billing_missing,
    key_creation_forbidden,
    not_known_yet,
    permission_denied,
)
from google_cloud.failures import is_not_yet
from google_cloud.hints import hint_for


@pytest.fixture
def project(tmp_path: Path, forks: GcloudForks) -> Iterator[GoogleProject]:
    """One in which nothing is set up."""
    with google_project(tmp_path / "google", forks) as project:
        yield project


@pytest.mark.parametrize(
    ("failure", "hint"),
    [
        (
            Failure("projects.get", permission_denied("projects.get", "your-project")),
            "check GCP_PROJECT_ID",
        ),
        (Failure("services.batchEnable", billing_missing()), "Give the project a billing account"),
    ],
    ids=["not an owner", "no billing"],
)
def test_a_failure_says_what_to_do(project: GoogleProject, failure: Failure, hint: str) -> None:
    """With the command that failed and gcloud's own words; nothing after it is tried."""
    project.cloud.plan(failure)
    done = project.run("--no-doctor")
    assert done.returncode == 4
    assert done.stderr.count("error: gcloud ") == 1
    assert failure.error.message.split(".")[0] in done.stderr
    assert hint in done.stderr
    assert project.changes() == []


def test_a_run_that_failed_late_is_finished_by_the_next_one(project: GoogleProject) -> None:
    """The token was shown, though the run came to nothing; it is the one that is used."""
    render = f"projects/your-project/serviceAccounts/{ACCOUNT.format('render')}"
    project.cloud.plan(Failure("keys.create", key_creation_forbidden(render)))
    first = project.run("--no-doctor")
    assert first.returncode == 4
    assert "constraints/iam.disableServiceAccountKeyCreation" in first.stderr
    secret = project.cloud.secrets["btc-backup-btc-logger-snapshot-token"]
    assert secret.versions[0].payload.decode() in first.stdout
    assert not project.key_file.exists()
    before = Counter(project.changes())
    assert project.run("--no-doctor").returncode == 0
    assert project.key_file.exists()
    (made,) = Counter(project.changes()) - before
    assert made.startswith("serviceAccounts.keys.create ")


def test_what_is_not_known_everywhere_yet_is_asked_again(project: GoogleProject) -> None:
    """An account that was just made may be unknown where it is granted a role."""
    made = ACCOUNT.format("function")
    slow = project.cloud.plan(Failure("secrets.setIamPolicy", not_known_yet(made), times=2))
    done = project.run("--no-doctor")
    assert done.returncode == 0, done.stderr
    assert slow.fired == 2
    assert done.stdout.count("not known everywhere yet") == 2


def test_what_somebody_has_configured_of_gcloud_shows_no_secret(project: GoogleProject) -> None:
    """Its log of requests has them; and without its output nothing would seem to be there."""
    configured = {"CLOUDSDK_CORE_LOG_HTTP": "true", "CLOUDSDK_CORE_USER_OUTPUT_ENABLED": "false"}
    refused = permission_denied(
        "secretmanager.versions.add", "btc-backup-btc-logger-snapshot-token"
    )
    project.cloud.plan(Failure("secrets.addVersion", refused))
    done = project.run("--no-doctor", **configured)
    assert done.returncode == 4
    assert "secretmanager.versions.add" in done.stderr
    assert "payload" not in done.stderr


def test_a_function_that_does_not_start_is_deployed_again(project: GoogleProject) -> None:
    """The failed one is there, with the same source, and does not count."""
    ended = GoogleError(
        400,
        "Could not create or update Cloud Run service btc-backup, Container Healthcheck failed.",
    )
    project.cloud.plan(Failure("functions.create", ended, as_operation=True))
    first = project.run("--no-doctor")
    assert first.returncode == 4
    assert "gcloud functions logs read" in first.stderr
    second = project.run("--no-doctor")
    assert second.returncode == 0, second.stderr
    assert "+ gcloud functions deploy btc-backup" in second.stdout


def test_a_bucket_of_somebody_else_is_not_touched(project: GoogleProject) -> None:
    """Names of buckets are the whole world's."""
    done = project.run("--no-doctor", GCS_BUCKET_NAME=TAKEN)
    assert done.returncode == 4
    assert "choose another GCS_BUCKET_NAME" in done.stderr


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ({"GCS_BUCKET_NAME": ""}, "GCS_BUCKET_NAME: not set"),
        ({"KEEP_LATS": "3"}, "found KEEP_LATS, which is none of the settings. Is it KEEP_LAST?"),
        ({"BACKUP_INTERVAL_MINUTES": "45"}, "the nearest: 30 or 60"),
        ({"FUNCTION_TIMEOUT_SECONDS": "1770"}, "expected at most 1769"),
        ({"TARGETS": "a=https://a.example"}, "SNAPSHOT_URL, TARGETS: found both"),
        (
            {"SNAPSHOT_URL": "", "TARGETS": "a=https://a.example", "SERVICE_NAME": "b"},
            "SERVICE_NAME: found 'b', expected none beside TARGETS",
        ),
        ({"SNAPSHOT_URL": "http://logger.example"}, "expected https://"),
        ({"BUILD_SERVICE_ACCOUNT": "projects/p/serviceAccounts/a@b"}, "BUILD_SERVICE_ACCOUNT"),
        (
            {"BUILD_SERVICE_ACCOUNT": ACCOUNT.format("function")},
            "expected none of the accounts of this set-up",
        ),
        ({"RENDER_KEY_FILE": "-"}, "RENDER_KEY_FILE: found '-', expected a file"),
        ({"RENDER_KEY_FILE": "deploy"}, "RENDER_KEY_FILE: found 'deploy', expected a file"),
        ({"RENDER_KEY_FILE": "~"}, "RENDER_KEY_FILE: found '~', expected a file"),
    ],
)
def test_bad_settings_are_told_before_anything_is_asked(
    project: GoogleProject, lines: dict[str, str], told: str
) -> None:
    """By their name, with what was found and expected."""
    project.write_settings(**lines)
    done = project.run()
    assert done.returncode == 2
    assert told in done.stderr
    assert project.gcloud.commands == []


def test_without_settings_it_says_how_to_make_them(project: GoogleProject) -> None:
    """By copying the example."""
    project.settings_file.unlink()
    done = project.run()
    assert done.returncode == 2
    assert "Copy deploy/settings.example.env there" in done.stderr


def test_without_gcloud_it_says_where_to_get_it(project: GoogleProject) -> None:
    """Before anything else."""
    nowhere = project.folder / "empty"
    nowhere.mkdir()
    for program in ("bash", "dirname", "readlink", "env"):
        found = next(
            Path(folder) / program
            for folder in os.environ["PATH"].split(os.pathsep)
            if (Path(folder) / program).exists()
        )
        (nowhere / program).symlink_to(found)
    done = project.run(PATH=str(nowhere))
    assert done.returncode == 3
    assert "gcloud is not installed" in done.stderr


@pytest.mark.parametrize(
    "said",
    [
        "code=7, message=Unable to retrieve the repository metadata for projects/p/locations/l/re",
        "INVALID_ARGUMENT: Service account service-1@gcf-admin-robot.iam does not exist.",
        "cloudfunctions.googleapis.com API has not been used in project 1 before",
    ],
)
def test_what_a_new_project_says_at_first_is_asked_again(said: str) -> None:
    """Google is still setting up what it needs itself; in a minute the same goes well."""
    assert is_not_yet(said)


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("There was a problem refreshing your current auth tokens", "gcloud auth login"),
        ("RESOURCE_EXHAUSTED: Quota exceeded for quota metric", "iam-admin/quotas"),
        ("Build failed with status: FAILURE. buildpacks: failed", "BUILD_SERVICE_ACCOUNT"),
        ("INVALID_ARGUMENT: Invalid location 'mars-1'", "GCP_REGION"),
        ("HTTPError 409: The requested bucket name is not available", "GCS_BUCKET_NAME"),
        ("HTTPError 409: Your previous request succeeded and you already own it.", "Another run"),
        ("(gcloud.functions.deploy) unrecognized arguments: --build-service-account", "too old"),
        ("constraints/gcp.resourceLocations violated", "administrator"),
        ("status=[409], message=[unable to queue the operation]", "wait for its end"),
        ("SERVICE_DISABLED", "in a few minutes"),
        ("something that nobody has foreseen", "run it again"),
    ],
)
def test_each_known_cause_has_its_own_advice(said: str, hint: str) -> None:
    """The words are gcloud's."""
    assert hint in hint_for(said)
