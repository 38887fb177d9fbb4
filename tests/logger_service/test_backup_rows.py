"""The list of backups: all providers by time, also what is not known of yet."""

from datetime import UTC, datetime, timedelta

from dashboard.backup_rows import rows_of
from logger_service.watched_logger import backup
from watching.archive_state import ArchiveState, DrillVerdict

NEWEST = datetime(2026, 11, 22, 20, 31, tzinfo=UTC)
HOUR = timedelta(hours=1)


def order(*archives: ArchiveState) -> list[tuple[str, int]]:
    """Provider and number of each."""
    return [(row.kind, row.number) for row in rows_of(archives)]


def test_providers_are_merged_by_time() -> None:
    """Whatever their numbers are."""
    bucket = ArchiveState(
        "gcs",
        "gs://b",
        numbers=(9, 8),
        backups=(backup(9, made=NEWEST), backup(8, made=NEWEST - 2 * HOUR)),
    )
    local = ArchiveState("local", "/b", numbers=(1,), backups=(backup(1, made=NEWEST - HOUR),))
    assert order(bucket, local) == [("gcs", 9), ("local", 1), ("gcs", 8)]


def test_what_is_unread_stands_beside_its_neighbours() -> None:
    """Numbers of a provider stay in order, also where a clock was wrong."""
    backups = (backup(9, made=NEWEST), backup(6, made=NEWEST + HOUR), backup(5, made=NEWEST - HOUR))
    bucket = ArchiveState(
        "gcs", "gs://b", numbers=(10, 9, 8, 7, 6, 5), backups=backups, unreadable={8: "damaged"}
    )
    local = ArchiveState("local", "/b", numbers=(2,), backups=(backup(2, made=NEWEST + HOUR),))
    assert order(bucket, local) == [
        ("gcs", 10),
        ("local", 2),
        *(("gcs", number) for number in (9, 8, 7, 6, 5)),
    ]
    told = {row.number: (bool(row.made), row.error) for row in rows_of([bucket])}
    assert told[7] == (False, "")
    assert told[8] == (False, "damaged")


def test_a_drill_is_told_of_the_backup_that_it_was_of() -> None:
    """Also of one that has not been read yet."""
    verdict = DrillVerdict("failed", "2026-11-22T20:30:00.000Z")
    bucket = ArchiveState("gcs", "gs://b", numbers=(2, 1), drills={1: verdict})
    assert [row.drill for row in rows_of([bucket])] == [None, verdict]
