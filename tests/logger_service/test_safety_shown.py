"""What has proven that the history comes back: restores, drills, and the catch-up's progress."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from catching_up.status import CatchUpStatus
from dashboard.safety_part import safety_part
from logger_service.shown_pages import part_of
from logger_service.watched_logger import ADDRESS, WatchedLogger, backup
from shared.drill_report import DrillReport
from shared.receipt import CATCH_UP, Outcome, Receipt, write_receipt

AT = "2026-11-22T20:30:00.000Z"


@pytest.fixture
def logger(tmp_path: Path) -> WatchedLogger:
    """One that has caught up."""
    logger = WatchedLogger(tmp_path / "data", catch_up=CatchUpStatus(is_whole=True))
    logger.write_rows(datetime.now(UTC))
    return logger


def of(logger: WatchedLogger) -> str:
    """What a person reads there."""
    return part_of(logger, lambda backups: safety_part(backups.health))


def test_before_anything_has_happened(logger: WatchedLogger) -> None:
    """Each empty place says what would stand there."""
    logger.archive(backup())
    words = of(logger)
    assert "Last restore at a start None yet: the history is here." in words
    assert "Brought since by the running logger Nothing was missing." in words
    assert f"Last drill {ADDRESS}: none yet; a drill reads the newest backup back whole" in words


def test_receipts_say_what_came_and_from_where(logger: WatchedLogger) -> None:
    """Of the start, and of the running logger since."""
    receipt = Receipt(
        outcome=Outcome.RESTORED,
        directory=str(logger.data),
        started_at=AT,
        seconds=2.5,
        backups={ADDRESS: 42},
        restored_files=12,
        restored_bytes=3_400_000,
        restored_rows=98_765,
        newest_row=AT,
        missing_seconds=90,
    )
    write_receipt(logger.data, receipt)
    write_receipt(logger.data, receipt.model_copy(update={"restored_files": 1}), CATCH_UP)
    words = of(logger)
    assert "Outcome restored When 2026-11-22 20:30:00 UTC, for 2 seconds" in words
    assert f"Brought 12 files, 3.4 MB, 98,765 rows From backup 42 of {ADDRESS}" in words
    assert "Missing before 2 minutes" in words
    assert "Brought 1 file," in words


def test_a_restore_that_lacks_something_names_it(logger: WatchedLogger) -> None:
    """What did not answer, and which files are not whole."""
    write_receipt(
        logger.data,
        Receipt(
            outcome=Outcome.IN_PART,
            directory=str(logger.data),
            started_at=AT,
            unreachable=("gs://b-1 did not answer",),
            problems={"BTC-USD/<day>.csv": "chunk 0 is lost"},
        ),
    )
    words = of(logger)
    assert "restored in part" in words
    assert "gs://b-1 did not answer" in words
    assert "BTC-USD/<day>.csv: chunk 0 is lost" in words


def test_the_catch_up_tells_how_far_it_is(logger: WatchedLogger) -> None:
    """And what keeps it."""
    logger.catch_up = CatchUpStatus(
        looked_at=datetime.now(UTC),
        files_left=3,
        bytes_left=2_000_000,
        bytes_done=6_000_000,
        errors={ADDRESS: "no answer"},
    )
    words = of(logger)
    assert "3 files, 2.0 MB still to come; 6.0 MB have come" in words
    assert f"{ADDRESS}: no answer" in words


def test_a_catch_up_that_is_switched_off_is_told(logger: WatchedLogger) -> None:
    """Else one would wait for it."""
    logger.settings = {"auto_restore_on_startup": False}
    logger.catch_up = CatchUpStatus()
    assert "Switched off by AUTO_RESTORE_ON_STARTUP=false" in of(logger)


def test_the_newest_drill_of_each_provider(logger: WatchedLogger) -> None:
    """With its verdict, and what it read."""
    drill = DrillReport(
        passed=False,
        number=42,
        backups={ADDRESS: 42},
        started_at=AT,
        seconds=61,
        files=12,
        raw_bytes=3_400_000,
        lost={"a.csv": "chunk 0 is lost"},
    )
    logger.archive(backup(42), last_drill=drill)
    words = of(logger)
    assert f"{ADDRESS}: failed 2026-11-22 20:30:00 UTC, backup 42, 12 files, 3.4 MB" in words
