"""What anybody is told of a logger: its data, its backups, and when it last wrote a row."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catching_up.status import CatchUpStatus
from logger_service.watched_logger import ADDRESS, WatchedLogger, ago, stamp
from pushing.destination import Standing
from start_outcome import StartOutcome

BAD_START = StartOutcome(3, None, "storage did not answer")
FINE, FAILS = Standing("/backups", number=7), Standing(ADDRESS, error="no answer")


@pytest.fixture
def logger(tmp_path: Path) -> WatchedLogger:
    """One with a row that has just been written."""
    logger = WatchedLogger(tmp_path / "data")
    logger.write_rows(datetime.now(UTC))
    return logger


def test_all_is_well_and_the_newest_row_tells_until_when(logger: WatchedLogger) -> None:
    """Of all files, however old they are."""
    newest = datetime.now(UTC)
    logger.write_rows(ago(hours=5), path="old.csv", hours_ago=5)
    logger.write_rows(newest)
    assert logger.report() == {
        "status": "healthy",
        "data_integrity": "healthy",
        "backup_system": "healthy",
        "last_log_timestamp": stamp(newest),
    }


def test_a_directory_without_a_file_has_no_newest_row(tmp_path: Path) -> None:
    """And is no error for whoever asks."""
    (tmp_path / "data").mkdir()
    told = WatchedLogger(tmp_path / "data").report()
    assert (told["status"], told["data_integrity"]) == ("degraded", "empty")
    assert told["last_log_timestamp"] is None


def test_a_directory_that_is_not_there_is_missing(tmp_path: Path) -> None:
    """As after somebody has moved it."""
    told = WatchedLogger(tmp_path / "data").report()
    assert (told["status"], told["data_integrity"]) == ("degraded", "missing")


def old_rows(logger: WatchedLogger) -> None:
    """Nothing was written for three hours."""
    logger.write_rows(ago(hours=3), hours_ago=3)


def no_critical_file(logger: WatchedLogger) -> None:
    """What the settings ask for is not there."""
    logger.settings = {"critical_files": (("a.csv", 1),)}


@pytest.mark.parametrize(
    ("happen", "verdict"), [(old_rows, "stale"), (no_critical_file, "incomplete")]
)
def test_data_that_is_not_as_it_should_be_degrades(
    logger: WatchedLogger, happen: Callable[[WatchedLogger], None], verdict: str
) -> None:
    """By the settings that the start step goes by."""
    happen(logger)
    told = logger.report()
    assert (told["status"], told["data_integrity"]) == ("degraded", verdict)


@pytest.mark.parametrize(
    ("is_caught_up", "verdict"), [(False, "history missing"), (True, "healthy")]
)
def test_history_is_missing_until_the_catch_up_has_brought_it(
    logger: WatchedLogger, is_caught_up: bool, verdict: str
) -> None:
    """Whatever the disk itself shows."""
    logger.start, logger.catch_up = BAD_START, CatchUpStatus(is_whole=is_caught_up)
    assert logger.report()["data_integrity"] == verdict


def test_one_provider_that_fails_degrades(logger: WatchedLogger) -> None:
    """The other's backups may go with the disk."""
    logger.archive()
    logger.archive(kind="local")
    logger.standings = (FINE, FAILS)
    told = logger.report()
    assert (told["status"], told["backup_system"]) == ("degraded", "degraded")


def test_backups_that_are_switched_off_are_no_fault(logger: WatchedLogger) -> None:
    """Somebody wanted it so."""
    logger.settings = {"backup_enabled": False, "render": True}
    told = logger.report()
    assert (told["status"], told["backup_system"]) == ("healthy", "disabled")


def test_nobody_is_told_addresses_or_errors(logger: WatchedLogger) -> None:
    """Which only whoever has the token needs."""
    logger.archive(error="403 from storage.example")
    assert set(logger.report()) == {
        "status",
        "data_integrity",
        "backup_system",
        "last_log_timestamp",
    }
    assert "storage.example" not in str(logger.report())
    assert "storage.example" in str(logger.details())
