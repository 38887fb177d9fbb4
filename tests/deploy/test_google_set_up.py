"""`deploy/google.sh` with the real gcloud, from nothing and again, on a project on loopback."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from subprocess import CompletedProcess

import pytest

from deploy.google_project import ACCOUNT, BUCKET, GoogleProject, google_project
from emulators.gcloud_forks import GcloudForks
from emulators.google_api import Json
from processes import ROOT

ROLES = json.loads((ROOT / "deploy" / "roles.json").read_text())
FUNCTION = "projects/your-project/locations/us-central1/functions/btc-backup"
SERVICE = "projects/your-project/locations/us-central1/services/btc-backup"
SECRET = "projects/your-project/secrets/btc-backup-btc-logger-snapshot-token"


@dataclass(frozen=True)
class FromNothing:
    """Four runs: a dry one before all, the first, a second, and a dry one after."""

    project: GoogleProject
    runs: list[CompletedProcess[str]]
    changes: list[list[str]]  # after each run
    commands: list[int]  # of gcloud, after each run

    @property
    def token(self) -> str:
        """The one that the first run has made."""
        payload: bytes = (
            self.project.cloud.secrets["btc-backup-btc-logger-snapshot-token"].versions[0].payload
        )
        return payload.decode()


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, forks: GcloudForks) -> Iterator[FromNothing]:
    """Run once for all tests here, which only look."""
    folder = tmp_path_factory.mktemp("google set up")
    with google_project(folder, forks) as project:
        told = FromNothing(project, [], [], [])
        for words in (["--dry-run"], ["--no-doctor"], ["--no-doctor"], ["--dry-run"]):
            run = project.run(*words)
            assert run.returncode == 0, run.stdout + run.stderr
            told.runs.append(run)
            told.changes.append(project.changes())
            told.commands.append(len(project.gcloud.commands))
        yield told


@pytest.fixture(scope="module")
def function(done: FromNothing) -> Json:
    """The function as Google describes it."""
    return done.project.cloud.functions[FUNCTION]


def shown(run: CompletedProcess[str]) -> list[str]:
    """The commands that a run shows as changes."""
    return re.findall(r"^  \+ (gcloud .*)$", run.stdout, re.MULTILINE)


def test_a_dry_run_touches_nothing(done: FromNothing) -> None:
    """Neither where nothing is there, nor where all is."""
    assert done.changes[0] == []
    assert done.changes[3] == done.changes[1]
    assert not [
        command for command in done.project.gcloud.commands[: done.commands[0]] if command.changes
    ]


def test_a_dry_run_shows_each_command_that_the_run_then_makes(done: FromNothing) -> None:
    """In the same order and with the same words."""
    assert shown(done.runs[0]) == shown(done.runs[1])
    assert len(shown(done.runs[1])) >= 14


def test_what_is_shown_is_what_gcloud_is_asked(done: FromNothing) -> None:
    """Nothing changes in silence."""
    first_run = done.project.gcloud.commands[done.commands[0] : done.commands[1]]
    assert len([command for command in first_run if command.changes]) == len(shown(done.runs[1]))


def test_a_second_run_changes_nothing(done: FromNothing) -> None:
    """It asks gcloud only for what it reads."""
    assert done.changes[1]
    assert done.changes[2] == done.changes[1]
    second_run = done.project.gcloud.commands[done.commands[1] : done.commands[2]]
    assert second_run
    assert not [command for command in second_run if command.changes]
    assert "no changes made" in done.runs[2].stdout
    assert "no changes would be made" in done.runs[3].stdout


def test_the_bucket_is_private_for_good(done: FromNothing) -> None:
    """Uniform access, no public access, soft delete, and the lifecycle of lifecycle.json."""
    settings = done.project.storage.bucket(BUCKET).settings.fields
    access = settings["iamConfiguration"]
    assert access["uniformBucketLevelAccess"]["enabled"] is True
    assert access["publicAccessPrevention"] == "enforced"
    assert settings["softDeletePolicy"]["retentionDurationSeconds"] == str(7 * 86_400)
    lifecycle = json.loads((ROOT / "deploy" / "lifecycle.json").read_text())
    assert settings["lifecycle"] == lifecycle


def test_the_lifecycle_moves_old_chunks_and_deletes_nothing() -> None:
    """An old chunk may be part of the newest backup."""
    (rule,) = json.loads((ROOT / "deploy" / "lifecycle.json").read_text())["rule"]
    assert rule["action"] == {"type": "SetStorageClass", "storageClass": "NEARLINE"}
    assert rule["condition"]["age"] == 30
    assert rule["condition"]["matchesSuffix"] == [".zst"]


@pytest.mark.parametrize("account", ROLES["accounts"])
def test_an_account_has_the_roles_of_the_file_and_no_more(done: FromNothing, account: str) -> None:
    """Of the bucket, the secrets and the service; of the project none."""
    told, member = ROLES["accounts"][account], f"serviceAccount:{ACCOUNT.format(account)}"
    assert done.project.roles(account) == set(told["bucket"])
    for resource, wanted in ((SECRET, told["secrets"]), (SERVICE, told["service"]), ("", [])):
        policy = done.project.cloud.policy(resource)
        held = {one["role"] for one in policy.get("bindings", []) if member in one["members"]}
        assert held == set(wanted), resource


def test_the_function_is_private_and_runs_as_its_own_account(function: Json) -> None:
    """Nobody but the scheduler's account is let in."""
    service = function["serviceConfig"]
    assert function["environment"] == "GEN_2"
    assert service["serviceAccountEmail"] == ACCOUNT.format("function")
    assert service["ingressSettings"] == "ALLOW_ALL"  # Cloud Scheduler comes from outside


def test_strangers_may_not_invoke_it(done: FromNothing) -> None:
    """The policy of its service names the scheduler's account alone."""
    policy = done.project.cloud.policy(SERVICE)
    members = {member for one in policy["bindings"] for member in one["members"]}
    assert members == {f"serviceAccount:{ACCOUNT.format('scheduler')}"}


def test_the_function_has_the_limits_of_the_settings(function: Json) -> None:
    """The defaults, one call at a time, and a call that ends before the function does."""
    service = function["serviceConfig"]
    assert function["buildConfig"]["runtime"] == "python313"
    assert function["buildConfig"]["entryPoint"] == "backup"
    assert service["availableMemory"] == "512Mi"
    assert service["timeoutSeconds"] == 240
    assert service["maxInstanceRequestConcurrency"] == 1
    assert service["environmentVariables"]["CALL_TIMEOUT_SECONDS"] == "192"


def test_its_token_is_pinned_to_a_version(function: Json) -> None:
    """A new version must not reach it before the logger has it."""
    (secret,) = function["serviceConfig"]["secretEnvironmentVariables"]
    assert (secret["key"], secret["version"]) == ("SNAPSHOT_TOKEN", "1")
    assert "SNAPSHOT_TOKEN" not in function["serviceConfig"]["environmentVariables"]


def test_the_token_is_shown_once(done: FromNothing) -> None:
    """By the run that made it, and in no command line."""
    assert len(done.token) >= 32
    assert [done.token in run.stdout for run in done.runs] == [False, True, False, False]
    assert not [one for one in done.project.gcloud.commands if done.token in " ".join(one.words)]


def test_the_key_for_render_is_for_its_owner_alone(done: FromNothing) -> None:
    """It is of the account that can destroy nothing."""
    key = json.loads(done.project.key_file.read_text())
    assert key["client_email"] == ACCOUNT.format("render")
    assert done.project.key_file.stat().st_mode & 0o077 == 0
    assert list(done.project.cloud.accounts[key["client_email"]].keys) == [key["private_key_id"]]


def test_the_jobs_call_the_function(done: FromNothing, function: Json) -> None:
    """A backup each half hour and the maintenance once a day, with time for the function."""
    jobs = done.project.scheduler.jobs
    assert {name: job["schedule"] for name, job in jobs.items()} == {
        "btc-backup-backup-btc-logger": "*/30 * * * *",
        "btc-backup-daily-btc-logger": "17 3 * * *",
    }
    for job in jobs.values():
        token = job["httpTarget"]["oidcToken"]
        assert token["serviceAccountEmail"] == ACCOUNT.format("scheduler")
        assert token["audience"] == function["serviceConfig"]["uri"]
        assert job["attemptDeadline"] == "270s"


def test_it_says_what_render_needs(done: FromNothing) -> None:
    """Names and values, and where the key goes."""
    told = done.runs[1].stdout
    for line in (f"GCS_BUCKET_NAME={BUCKET}", "GCP_PROJECT_ID=your-project", "render-key.json"):
        assert line in told
