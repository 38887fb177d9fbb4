"""The first thing on the page: a word, the reason in a sentence, and the rows at risk."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from dashboard.state_part import state_part
from engine.archives import write
from logger_service.shown_pages import part_of
from logger_service.watched_logger import WatchedLogger, ago, backup
from record.state import Parked
from shared.names import timestamp
from writing.figures import Figures


@pytest.fixture
def logger(tmp_path: Path) -> WatchedLogger:
    """One with a row that has just been written."""
    logger = WatchedLogger(tmp_path / "data", settings={"gcs_bucket_name": "b-1"})
    logger.write_rows(datetime.now(UTC))
    return logger


def test_all_is_well(logger: WatchedLogger) -> None:
    """Everything is in the bucket."""
    logger.archive(backup())
    words = part_of(logger, state_part)
    assert words.startswith(
        "Healthy All that has been recorded is in a backup that survives this disk "
        "0 rows at risk now nothing is on this disk alone"
    )
    assert "number 7, scheduled" in words


def test_rows_that_no_backup_has_are_counted(logger: WatchedLogger) -> None:
    """And since when, and for each provider."""
    logger.archive(backup(made=ago(seconds=40)))
    logger.archive(backup(made=ago(seconds=80)), kind="local")
    logger.write_rows(ago(seconds=50), ago(seconds=30), ago(seconds=20))
    words = part_of(logger, state_part)
    assert "Recording; all but the newest rows are in a backup that survives this disk" in words
    assert "2 rows at risk now the oldest written" in words
    assert words.count("Not in it 2 rows") == 2


def test_the_worst_reason_is_the_sentence(logger: WatchedLogger) -> None:
    """What to do about it is there as well, and a few others need no press."""
    logger.started_at = ago(hours=3)
    logger.write_rows(ago(hours=9), hours_ago=9)
    logger.archive(backup(), error="no answer")
    words = part_of(logger, state_part)
    assert words.startswith("Unhealthy day.csv is stale")
    assert "(and one more)" in words
    assert "FRESHNESS_HOURS" in words
    assert "All 2 reasons" not in words
    assert "degraded Cannot look at gs://b-1/btc-logger: no answer" in words


def test_a_backup_that_fails_is_told_before_an_exchange(logger: WatchedLogger) -> None:
    """While the other exchanges answer, one that is left alone costs the least."""
    _leave_alone(logger, "kraken")
    logger.archive(backup(), error="no answer")
    words = part_of(logger, state_part)
    assert words.startswith("Degraded Cannot look at gs://b-1/btc-logger: no answer (and one more)")
    assert "degraded Kraken is left alone until" in words


def test_many_reasons_are_behind_a_fold(logger: WatchedLogger) -> None:
    """So that the buttons stay near."""
    _leave_alone(logger, "kraken", "bitstamp", "gemini", "coinbase", "okx")
    logger.archive(backup())
    words = part_of(logger, state_part)
    assert "All 5 reasons" in words
    assert words.count("degraded") == 5


def test_before_the_first_look_nothing_is_claimed(logger: WatchedLogger) -> None:
    """Not even that no row is at risk."""
    logger.archive(looked_at=None)
    words = part_of(logger, state_part)
    assert words.startswith("Healthy Recording; the backups are being looked at")
    assert "? rows at risk now known once a backup has been looked at" in words
    assert "Last backup not looked at yet" in words


def test_what_one_provider_has_says_nothing_of_the_one_that_counts(logger: WatchedLogger) -> None:
    """The bucket has not answered yet, and may lack anything."""
    logger.archive(looked_at=None)
    logger.archive(backup(), kind="local")
    words = part_of(logger, state_part)
    assert words.startswith("Healthy Recording; the backups are being looked at")


def test_a_state_file_that_no_backup_has_counts_too(logger: WatchedLogger) -> None:
    """It has no rows, and is on this disk alone."""
    logger.archive(backup())
    write(logger.data, "state.json", b"{}")
    words = part_of(logger, state_part)
    assert words.startswith("Healthy Recording; all but the newest rows are in a backup")
    assert "0 rows at risk now the oldest written" in words


def test_a_first_boot_has_no_backup_yet(logger: WatchedLogger) -> None:
    """That is no fault."""
    logger.archive()
    words = part_of(logger, state_part)
    assert words.startswith("Healthy Recording; the first backup is still to come 1 row at risk")
    assert "Last backup none yet" in words
    assert "Next scheduled when the function is first called" in words


def test_the_next_backup_is_told_by_the_last_of_the_function(logger: WatchedLogger) -> None:
    """One interval after it; others come when somebody or something wants them."""
    made = ago(minutes=10)
    manual = backup(9, made=ago(minutes=1), job="logger", reason="manual")
    logger.archive(manual, backup(8, made=made))
    words = part_of(logger, state_part)
    due = datetime.fromtimestamp(made.timestamp() + 30 * 60, UTC)
    assert f"Next scheduled {due:%Y-%m-%d %H:%M:%S} UTC, by the function" in words


def test_a_backup_that_is_due_says_so(logger: WatchedLogger) -> None:
    """Where there is something new; the function makes none of nothing."""
    made = ago(minutes=45)
    logger.archive(backup(8, made=made))
    assert "Next scheduled once there is something new" in part_of(logger, state_part)
    logger.write_rows(ago(minutes=50), ago(minutes=1))
    assert "Next scheduled was due" in part_of(logger, state_part)


def test_switched_off_backups_are_told(logger: WatchedLogger) -> None:
    """It may be wanted, so it is no fault; but nobody should think all is safe."""
    logger.settings = {**logger.settings, "backup_enabled": False}
    logger.archive()
    words = part_of(logger, state_part)
    assert words.startswith("Healthy Recording; backups are switched off by BACKUP_ENABLED=false")
    assert "Next scheduled none: backups are switched off" in words


def test_times_are_utc_for_whoever_has_no_script(logger: WatchedLogger) -> None:
    """The script puts the reader's own beside."""
    made = ago(minutes=3)
    logger.archive(backup(made=made))
    assert f"Last backup {made:%Y-%m-%d %H:%M:%S} UTC" in part_of(logger, state_part)
    assert timestamp(made).endswith("Z")


def _leave_alone(logger: WatchedLogger, *sources: str) -> None:
    parked = Parked(ago(hours=-6), "blocked", "it answered 403")
    logger.figures = Figures("recorder", sources=sources, parked=dict.fromkeys(sources, parked))
