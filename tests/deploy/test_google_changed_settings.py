"""A changed setting changes just that: each alone, beside a set-up that is as it should be."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from deploy.google_project import GoogleProject, google_project
from emulators.gcloud_forks import GcloudForks
from google_cloud import bucket
from google_cloud.gcloud import Gcloud
from google_cloud.set_up import SetUp

DEPLOYED = (
    "gcloud functions deploy btc-backup --gen2 --region=us-central1 --source=backup_function "
)
SETTINGS = {"NOTIFY_URLS": "json://127.0.0.1:9/old"}
BUILDER = "builder@your-project.iam.gserviceaccount.com"
RESCHEDULED = "would be changed, schedule:"
PATCHED = "gcloud storage buckets update gs://your-btc-data "


@dataclass
class Remembering(Gcloud):
    """gcloud, which need not be asked twice for what a dry run leaves as it is."""

    known: dict[tuple[str, ...], Any] = field(default_factory=dict)

    def find(self, *words: str) -> Any:
        """What the real one has said, now or before."""
        if words not in self.known:
            self.known[words] = super().find(*words)
        return self.known[words]


@pytest.fixture(scope="module")
def project(
    tmp_path_factory: pytest.TempPathFactory, forks: GcloudForks
) -> Iterator[GoogleProject]:
    """One that is set up, and whose NOTIFY_URLS are set."""
    with google_project(tmp_path_factory.mktemp("google changed"), forks) as project:
        project.write_settings(**SETTINGS)
        done = project.run("--no-doctor")
        assert done.returncode == 0, done.stderr
        yield project


@pytest.fixture(scope="module")
def known() -> dict[tuple[str, ...], Any]:
    """What gcloud has said so far."""
    return {}


@pytest.fixture
def would_change(
    project: GoogleProject, known: dict[tuple[str, ...], Any], monkeypatch: pytest.MonkeyPatch
) -> Any:
    """The lines of a dry run with some settings changed, those that say a change alone."""
    project.lead_here(monkeypatch)

    def dry_run(**settings: str) -> list[str]:
        told: list[str] = []
        read = project.settings(**SETTINGS | settings)
        gcloud = Remembering(read.gcp_project_id, told.append, dry_run=True, known=known)
        SetUp(gcloud, read, lambda *_: None).bring()
        lines = [line.strip().removeprefix("+ ") for line in told]
        changes = [line for line in lines if line.startswith("gcloud ") or "would be" in line]
        assert len(changes) == gcloud.changes
        return changes

    return dry_run


def test_with_the_same_settings_nothing_would_change(would_change: Any) -> None:
    """So what the others see comes of their settings."""
    assert would_change() == []


@pytest.mark.parametrize(
    ("settings", "change"),
    [
        ({"FUNCTION_MEMORY_MB": "1024"}, f"{DEPLOYED}--memory=1024Mi"),
        ({"SOFT_DELETE_DAYS": "30"}, f"{PATCHED}--soft-delete-duration=30d"),
        (
            {"BUILD_SERVICE_ACCOUNT": BUILDER},
            f"{DEPLOYED}--build-service-account=projects/your-project/serviceAccounts/{BUILDER}",
        ),
        (
            {"BACKUP_INTERVAL_MINUTES": "15"},
            f"btc-backup-backup-btc-logger: {RESCHEDULED} */30 * * * * -> */15 * * * *",
        ),
        (
            {"DAILY_AT": "04:05"},
            f"btc-backup-daily-btc-logger: {RESCHEDULED} 17 3 * * * -> 5 4 * * *",
        ),
    ],
)
def test_a_setting_is_one_change(would_change: Any, settings: dict[str, str], change: str) -> None:
    """With the one flag or field that differs."""
    assert would_change(**settings) == [change]


@pytest.mark.parametrize(
    ("name", "value"),
    [("KEEP_LAST", "20"), ("KEEP_DAILY", "7"), ("MAX_SNAPSHOT_GB", "5")],
)
def test_what_the_function_reads_is_one_deploy(would_change: Any, name: str, value: str) -> None:
    """All its variables are told anew, because gcloud sets them as a whole."""
    (change,) = would_change(**{name: value})
    assert change.startswith(f"{DEPLOYED}'--set-env-vars=^|^GCP_PROJECT_ID=your-project|")
    assert f"|{name}={value}|" in change
    assert change.removeprefix(DEPLOYED).count("--") == 1


def test_a_longer_timeout_moves_all_that_has_to_be_later(would_change: Any) -> None:
    """The call's own limit below it, and the attempts' deadline above."""
    deploy, *jobs = would_change(FUNCTION_TIMEOUT_SECONDS="300")
    assert "--timeout=300s" in deploy
    assert "CALL_TIMEOUT_SECONDS=240" in deploy
    assert [job.partition(": ")[2] for job in jobs] == [
        "would be changed, attempt_deadline: 270 s -> 330 s"
    ] * 2


def test_another_address_is_another_version(would_change: Any) -> None:
    """Which the function is pinned to; the address itself is in no command."""
    store, deploy, destroy = would_change(NOTIFY_URLS="json://127.0.0.1:9/new")
    assert store == "gcloud secrets versions add btc-backup-notify-urls --data-file=- --format=json"
    assert deploy.startswith(f"{DEPLOYED}--set-secrets=")
    assert deploy.endswith("NOTIFY_URLS=btc-backup-notify-urls:2")
    assert destroy == "gcloud secrets versions destroy 1 --secret=btc-backup-notify-urls"


def test_without_a_rule_the_lifecycle_is_cleared(
    would_change: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that says nothing would leave the old rule."""
    (file := tmp_path / "lifecycle.json").write_text('{"rule": []}')
    monkeypatch.setattr(bucket, "LIFECYCLE_FILE", str(file))
    assert would_change() == [f"{PATCHED}--clear-lifecycle"]


def test_audit_logs_are_added_to_the_projects_policy(would_change: Any) -> None:
    """Where they are wanted."""
    (change,) = would_change(AUDIT_LOGS="true")
    assert change.startswith("gcloud projects set-iam-policy your-project ")


def test_another_logger_beside_the_first_leaves_that_one_its_token(would_change: Any) -> None:
    """And its folder and its jobs; just what they ask for names it now."""
    several = "btc-logger=https://a.onrender.com,eth-logger=https://b.onrender.com"
    changes = would_change(SNAPSHOT_URL="", TARGETS=several)
    made = [change.split()[3] for change in changes if " secrets create " in change]
    assert made == ["btc-backup-eth-logger-snapshot-token"]
    (deploy,) = (change for change in changes if " functions deploy " in change)
    assert f"TARGETS={several}" in deploy
    assert "SERVICE_NAME=" not in deploy
    assert "BTC_LOGGER_SNAPSHOT_TOKEN=btc-backup-btc-logger-snapshot-token:1" in deploy
    jobs = [change.partition(",")[0] for change in changes if "-logger: would be" in change]
    assert jobs == [
        "btc-backup-backup-btc-logger: would be changed",
        "btc-backup-daily-btc-logger: would be changed",
        "btc-backup-backup-eth-logger: would be made",
        "btc-backup-daily-eth-logger: would be made",
    ]
