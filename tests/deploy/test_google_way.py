"""The way of the data as `deploy/google.sh` sets it up: real jobs, with just the rights they have.

The function is what was uploaded, started as its own account; the logger has the key that was made
for Render, and is started as there.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from deploy.checkout import Checkout, copy_checkout
from deploy.cloud_run import running_project
from deploy.google_project import ACCOUNT, BUCKET, GoogleProject
from emulators.gcloud_forks import GcloudForks
from job_processes import JobProcess
from processes import free_port

SERVICE = "projects/your-project/locations/us-central1/services/btc-backup"


@pytest.fixture(scope="module")
def project(
    tmp_path_factory: pytest.TempPathFactory, forks: GcloudForks
) -> Iterator[GoogleProject]:
    """One where what is deployed runs."""
    folder = tmp_path_factory.mktemp("google way")
    with running_project(folder, forks) as (project, _):
        project.write_settings(SNAPSHOT_URL=f"http://127.0.0.1:{free_port()}")
        yield project


@pytest.fixture(scope="module")
def first(project: GoogleProject) -> CompletedProcess[str]:
    """The first run, before there is a logger."""
    return project.run()


@pytest.fixture
def on_render(project: GoogleProject, first: CompletedProcess[str], tmp_path: Path) -> Checkout:
    """A service on an empty disk that was told what the first run says."""
    token = re.search(r"to copy to Render now:\s+(\S+)", first.stdout)
    url = re.search(r"SNAPSHOT_URL=http://127.0.0.1:(\d+)", project.settings_file.read_text())
    assert token
    assert url
    settings = {
        "SNAPSHOT_TOKEN": token[1],
        "PORT": url[1],
        "GCS_BUCKET_NAME": BUCKET,
        "GCP_PROJECT_ID": "your-project",
        "GOOGLE_APPLICATION_CREDENTIALS": str(project.key_file),
        "API_ENDPOINT_OVERRIDE": project.storage.url,
        "LOG_INTERVAL_SECONDS": "0.2",
        "REPLAY_SPEED": "600",
    }
    return Checkout(copy_checkout(tmp_path / "project src"), tmp_path / "own backups", settings)


@contextmanager
def recording(service: Checkout, **settings: str) -> Iterator[JobProcess]:
    """The logger, once it has written rows."""
    with service.started(**settings) as logger:
        logger.wait_for_line("listens on")
        logger.wait_until(lambda: any(service.data.glob("BTC-USD/*.csv")))
        yield logger
        assert logger.end() == 0, logger.output


def findings(done: CompletedProcess[str]) -> dict[str, str]:
    """What the doctor has found, each with how it came out."""
    lines = re.findall(r"^  (ok  |wait|FAIL)  (.*?): ", done.stdout, re.MULTILINE)
    return {what: mark.strip() for mark, what in lines}


def test_the_first_run_ends_well_though_the_logger_is_still_to_come(
    first: CompletedProcess[str],
) -> None:
    """It says that it waits, and for what."""
    assert first.returncode == 0, first.stdout + first.stderr
    assert findings(first) == {
        "strangers at the function": "ok",
        "btc-logger, the function": "ok",
        "btc-logger, the logger": "wait",
    }
    assert "Deploy it on Render" in first.stdout


def test_the_doctor_proves_the_whole_way(project: GoogleProject, on_render: Checkout) -> None:
    """Scheduler, function, logger, bucket, and a test restore; nobody lacks a right."""
    with recording(on_render):
        done = project.run("doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(findings(done).values()) == {"ok"}
    assert len(findings(done)) == 9
    assert re.search(r"the newest backup in the bucket: \d+, of .*: \d+ files", done.stdout)
    assert re.search(r"the newest test restore: of backup \d+, \d+ files, passed", done.stdout)
    assert {name.split("/")[1] for name in project.storage.objects(BUCKET)} >= {
        *("backups", "chunks", "drills", "prunes"),
    }
    refused = [call for call in project.storage.calls if call.status in (401, 403)]
    assert not refused


@pytest.mark.parametrize(
    ("settings", "what", "told"),
    [
        ({"SNAPSHOT_TOKEN": "another"}, "the snapshot with the token", "rotate-token"),
        ({"SNAPSHOT_TOKEN": ""}, "strangers at the snapshot", "Set SNAPSHOT_TOKEN on Render"),
        (
            {"SERVICE_NAME": "other"},
            "the snapshot with the token",
            "SERVICE_NAME and BACKUP_PREFIX",
        ),
    ],
)
def test_what_differs_on_render_is_named(
    project: GoogleProject, on_render: Checkout, settings: dict[str, str], what: str, told: str
) -> None:
    """With what to do; no job is run for nothing."""
    attempts = len(project.scheduler.attempts)
    with recording(on_render, **settings):
        done = project.run("doctor")
    assert done.returncode == 1
    assert re.search(rf"FAIL  btc-logger, {what}: .*{told}", done.stdout), done.stdout
    assert len(project.scheduler.attempts) == attempts


@pytest.mark.usefixtures("first")
def test_settings_that_the_function_has_not_yet_are_named(project: GoogleProject) -> None:
    """Of several loggers it knows the first one alone, by another variable."""
    before = project.settings_file.read_text()
    several = "btc-logger=https://a.example,eth-logger=https://b.example"
    project.write_settings(SNAPSHOT_URL="", TARGETS=several)
    try:
        done = project.run("doctor")
    finally:
        project.settings_file.write_text(before)
    assert done.returncode == 1
    assert "FAIL  btc-logger, the function: has no version of BTC_LOGGER_SNAPSHOT_TOKEN" in (
        done.stdout
    )
    assert "FAIL  eth-logger, the function: 400: " in done.stdout


@pytest.mark.usefixtures("first")
def test_whoever_may_not_invoke_the_function_is_told(project: GoogleProject) -> None:
    """As a service account that runs the doctor; the function's log would say nothing of it."""
    before = project.cloud.policy()
    project.cloud.put_policy("projects/your-project", {"bindings": []})
    try:
        done = project.run("doctor")
    finally:
        project.cloud.put_policy("projects/your-project", before)
    assert done.returncode == 1
    assert re.search("FAIL  btc-logger, the function: 403: .*gcloud auth login", done.stdout)


@pytest.mark.usefixtures("first")
def test_an_address_that_is_none_is_named(project: GoogleProject) -> None:
    """Else nobody would hear of anything, and nobody would hear of that."""
    try:
        done = project.run(NOTIFY_URLS="carrier-pigeon://loft")
        assert done.returncode == 1
        assert re.search("FAIL  btc-logger, the function: .*NOTIFY_URLS", done.stdout), done.stdout
    finally:
        project.run("--no-doctor")


@pytest.mark.usefixtures("first")
def test_an_open_function_is_found_and_closed(project: GoogleProject) -> None:
    """Whoever opened it."""
    policy = project.cloud.policy(SERVICE)
    opened = {"role": "roles/run.invoker", "members": ["allUsers"]}
    project.cloud.put_policy(SERVICE, {**policy, "bindings": [*policy["bindings"], opened]})
    assert "FAIL  strangers at the function: answered with 200" in project.run("doctor").stdout
    done = project.run("--no-doctor")
    assert "remove-iam-policy-binding btc-backup" in done.stdout
    members = [one["members"] for one in project.cloud.policy(SERVICE)["bindings"]]
    assert members == [[f"serviceAccount:{ACCOUNT.format('scheduler')}"]]
