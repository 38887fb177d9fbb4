"""Unhealthy is a logger that does not do what it is for: nothing is written, or nothing saved."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from logger_service.watched_logger import WatchedLogger, ago, backup
from market.unavailable import Cause
from record.state import Parked
from shared.drill_report import DrillReport
from writing.figures import Figures
from writing.tally import Tally

NONE: Counter[str] = Counter()
TALLY = Tally(1, 9, NONE, 9, 3, NONE, 0, 0)  # of its twelve rows three wait
DATA, BACKUPS = "data_integrity", "backup_system"


@pytest.fixture
def logger(tmp_path: Path) -> WatchedLogger:
    """One that has run for three hours, and whose bucket was backed up just now."""
    logger = WatchedLogger(tmp_path / "data", started_at=ago(hours=3))
    logger.write_rows(datetime.now(UTC))
    logger.archive(backup())
    return logger


def test_all_is_well(logger: WatchedLogger) -> None:
    """Else the tests below would prove nothing."""
    assert logger.report()["status"] == "healthy"


@pytest.mark.parametrize(("hours", "status"), [(0.001, "degraded"), (3, "unhealthy")])
def test_old_rows_are_unhealthy_once_there_was_time_for_new_ones(
    logger: WatchedLogger, hours: float, status: str
) -> None:
    """A logger that has just begun cannot have written any."""
    logger.write_rows(ago(hours=3), hours_ago=3)
    logger.started_at = ago(hours=hours)
    told = logger.report()
    assert (told["status"], told[DATA]) == (status, "stale")


def test_a_disk_that_refuses_rows_is_unhealthy(logger: WatchedLogger) -> None:
    """However new the newest row is that it took."""
    logger.figures = Figures("recorder", tally=TALLY, disk_refuses=True, last_row_at=ago())
    told = logger.report()
    assert (told["status"], told[DATA]) == ("unhealthy", "not written")
    assert "3 wait in memory" in logger.details()["reasons"][0]["what"]


def test_no_row_from_any_source_degrades(logger: WatchedLogger) -> None:
    """Until the data is stale: exchanges come back."""
    logger.figures = Figures("recorder", tally=TALLY, last_row_at=ago(minutes=5))
    assert logger.reasons() == [("writer", "degraded")]


def test_a_source_that_is_left_alone_for_hours_degrades(logger: WatchedLogger) -> None:
    """One that is for minutes does not: that passes by itself."""
    for minutes, reasons in ((10, []), (300, [("writer", "degraded")])):
        until = datetime.now(UTC) + timedelta(minutes=minutes)
        parked = {"kraken": Parked(until, Cause.BLOCKED, "not from here")}
        logger.figures = Figures("recorder", sources=("kraken",), parked=parked)
        assert logger.reasons() == reasons


def test_a_logger_command_that_does_not_run_degrades(logger: WatchedLogger) -> None:
    """It is started again and again; rows that do not come are another reason."""
    logger.figures = Figures("logger command", is_running=False, starts=4)
    assert logger.reasons() == [("writer", "degraded")]


def late(logger: WatchedLogger) -> None:
    """The newest backup is two hours old, and rows were written since."""
    logger.archives.clear()
    logger.archive(backup(made=ago(hours=2)))
    logger.write_rows(ago(hours=2), ago(hours=1.9), datetime.now(UTC))


def test_a_late_backup_of_the_only_provider_is_unhealthy(logger: WatchedLogger) -> None:
    """Two intervals went by, and rows wait for longer than that."""
    late(logger)
    told = logger.report()
    assert (told["status"], told[BACKUPS]) == ("unhealthy", "unhealthy")
    assert logger.details()["providers"][0]["is_late"]


def test_it_degrades_only_while_another_has_a_young_one(logger: WatchedLogger) -> None:
    """Whose disk stays: not on Render."""
    late(logger)
    logger.archive(backup(), kind="local")
    assert logger.report()["status"] == "degraded"
    logger.settings = {"render": True}
    assert logger.report()["status"] == "unhealthy"


def test_a_process_that_has_just_begun_has_two_intervals_of_grace(logger: WatchedLogger) -> None:
    """The function comes every interval."""
    late(logger)
    logger.started_at = ago(minutes=59)
    assert logger.report()["status"] == "degraded"


def test_an_old_backup_is_not_late_where_nothing_was_written_since(logger: WatchedLogger) -> None:
    """A function that finds nothing new commits nothing."""
    logger.archives.clear()
    logger.archive(backup(made=ago(hours=2)))
    assert logger.report()["status"] == "healthy"


def test_an_old_backup_is_not_late_where_writing_has_just_gone_on(logger: WatchedLogger) -> None:
    """As by a logger that writes once a day: its rows have to wait for an interval."""
    logger.write_rows(ago(hours=9))
    logger.archives.clear()
    logger.archive(backup(made=ago(hours=2)))
    logger.write_rows(ago(hours=9), datetime.now(UTC))
    assert logger.report()["status"] == "healthy"
    assert logger.details()["at_risk"]["rows"] == 1


def test_a_provider_that_never_answered_is_not_known_to_have_any(logger: WatchedLogger) -> None:
    """For two intervals that may pass."""
    logger.archives.clear()
    logger.archive(looked_at=None, error="no answer")
    assert logger.report()["status"] == "unhealthy"
    assert logger.details()["providers"][0]["at_risk"] is None
    logger.started_at = ago(minutes=1)
    assert logger.report()["status"] == "degraded"


def test_a_drill_that_failed_degrades(logger: WatchedLogger) -> None:
    """One that passed since takes its place."""
    drill = DrillReport(
        passed=False,
        number=7,
        backups={"gs://b-1/btc-logger": 7},
        started_at="2026-11-22T20:30:00.000Z",
        seconds=1,
        lost={"day.csv": "a chunk is missing"},
    )
    logger.archives = [replace(logger.archives[0], last_drill=drill)]
    assert logger.reasons() == [(BACKUPS, "degraded")]
    logger.archives = [
        replace(logger.archives[0], last_drill=drill.model_copy(update={"passed": True}))
    ]
    assert logger.reasons() == []


def test_a_backup_that_cannot_be_read_degrades(logger: WatchedLogger) -> None:
    """It may be damaged, or another service's."""
    logger.archives = [replace(logger.archives[0], unreadable={6: "it is damaged"})]
    assert logger.reasons() == [(BACKUPS, "degraded")]


def test_on_render_without_a_bucket_backups_do_not_survive(logger: WatchedLogger) -> None:
    """Rule 14; and with the disk goes all that there is."""
    logger.settings = {"render": True}
    logger.archives.clear()
    logger.archive(backup(), kind="local")
    assert logger.reasons() == [(BACKUPS, "degraded")]
    assert logger.details()["providers"][0]["at_risk"]["rows"] == 0
    assert logger.details()["at_risk"]["rows"] == 1
