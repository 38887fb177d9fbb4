"""A start without history that should be there is loud: in the log, in health, and in an alert."""

import json
from pathlib import Path

import pytest

from emulators.storage import StorageFake
from emulators.storage_faults import Fault, FaultKind
from job_processes import JobProcess, run_job, running_logger
from jobs.own_archive import in_bucket
from programs import wait_until
from telling.webhook import Webhook

DEAD = "http://127.0.0.1:9"  # nobody listens there
UNREACHABLE = {"RESTORE_EXIT_CODE": "3"}  # as the start script tells it
FAST = {"LOG_INTERVAL_SECONDS": "0.1", "CATCH_UP_SECONDS": "0.2"}


@pytest.fixture
def refusing(storage: StorageFake) -> Fault:
    """What keeps the history away until it is ended: a catch-up that got an answer misses none."""
    return storage.plan(Fault(FaultKind.STATUS, "list", status=403, times=None))


def health(logger: JobProcess) -> dict[str, object]:
    """What anybody is told; always with status 200, because a restart would wipe the disk."""
    answer = logger.request("GET", "/health")
    assert answer.status_code == 200
    told: dict[str, object] = json.loads(answer.text)
    return told


def test_a_logger_that_is_well_says_so_in_four_parts(logger_folder: Path, tmp_path: Path) -> None:
    """Compact, so that a monitor can look for the word; on this machine alone, in all detail."""
    with running_logger(logger_folder, tmp_path / "data", **FAST) as logger:
        wait_until(lambda: health(logger)["status"] == "healthy")
        assert list(health(logger)) == [
            "status",
            "data_integrity",
            "backup_system",
            "last_log_timestamp",
            "details",
        ]
        assert '"status":"healthy"' in logger.request("GET", "/health").text


@pytest.mark.usefixtures("refusing")
def test_missing_history_is_told_in_log_health_and_alert(
    logger_folder: Path, tmp_path: Path, storage: StorageFake
) -> None:
    """With what the restore met."""
    settings = in_bucket(storage) | UNREACHABLE | FAST
    with (
        Webhook() as hook,
        running_logger(
            logger_folder, tmp_path / "data", NOTIFY_URLS=hook.url, **settings
        ) as logger,
    ):
        assert health(logger)["status"] == "degraded"
        assert health(logger)["data_integrity"] == "history missing"
        logger.wait_for_line("CRITICAL starting WITHOUT HISTORY THAT SHOULD BE THERE")
        wait_until(lambda: hook.messages != [])
        title, body = hook.texts[0]
        assert title == "btc-logger: started without its history"
        assert "the restore ended with exit code 3" in body


def test_a_refused_start_alerts_before_it_ends(logger_folder: Path, tmp_path: Path) -> None:
    """Nobody looks at the log of a process that is gone."""
    with Webhook() as hook:
        settings = {
            "DATA_DIR": str(tmp_path / "data"),
            "LOCAL_BACKUP_DIR": str(tmp_path / "backups"),
            "RESTORE_ON_FAILURE": "stop",
            "NOTIFY_URLS": hook.url,
            **UNREACHABLE,
        }
        assert run_job(logger_folder, "main.py", settings=settings).returncode == 3
        assert [title for title, _ in hook.texts] == [
            "btc-logger: did not start without its history"
        ]


def test_health_is_well_again_once_the_history_has_come(
    logger_folder: Path, tmp_path: Path, storage: StorageFake, refusing: Fault
) -> None:
    """By the catch-up, when the storage answers again."""
    settings = in_bucket(storage) | UNREACHABLE | FAST
    with running_logger(logger_folder, tmp_path / "data", **settings) as logger:
        logger.wait_until(lambda: refusing.fired > 2)
        assert health(logger)["data_integrity"] == "history missing"
        refusing.end()
        wait_until(lambda: health(logger)["status"] == "healthy")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"RENDER": "true"}, "degraded"),
        ({"RENDER": "true", "GCS_BUCKET_NAME": "b-1", "STORAGE_EMULATOR_HOST": DEAD}, "healthy"),
        ({"BACKUP_ENABLED": "false"}, "disabled"),
        ({}, "healthy"),
    ],
)
def test_backups_on_a_disk_that_is_wiped_are_no_backups(
    logger_folder: Path, tmp_path: Path, settings: dict[str, str], expected: str
) -> None:
    """On Render a logger without a bucket is degraded; switched off on purpose, it is not."""
    slow = {"LOG_INTERVAL_SECONDS": "0.1", "SHUTDOWN_SECONDS": "2"}
    with running_logger(logger_folder, tmp_path / "data", **slow, **settings) as logger:
        told = health(logger)
        assert told["backup_system"] == expected
