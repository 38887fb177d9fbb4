"""How the drills of each backup went: the verdicts are read once, and the newest counts."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.archives import SERVICE, Store
from logger_service.test_archive_reading import counted, make, read_all
from serving.listing import listing
from shared.drill_report import DrillReport, store_report
from shared.names import DRILLS, drill_name, manifest_name, timestamp
from watching.archive_reading import ArchiveReading

FIRST = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)


@pytest.fixture
def reading(store: Store) -> ArchiveReading:
    """Of an archive that may still be empty."""
    return ArchiveReading(store.another(), SERVICE)


def drilled(store: Store, number: int, *, passed: bool = True, hours: float = 0) -> str:
    """Keep the verdict of a drill that began so many hours after the first."""
    at = timestamp(FIRST + timedelta(hours=hours))
    address = store.provider.address
    report = DrillReport(
        passed=passed, number=number, backups={address: number}, started_at=at, seconds=1.0
    )
    return store_report(store.provider, report)


def results(reading: ArchiveReading) -> dict[int, str]:
    """How the newest drill of each backup went."""
    return {number: verdict.result for number, verdict in reading.state.drills.items()}


def test_each_backup_tells_how_its_newest_drill_went(
    data: Path, store: Store, reading: ArchiveReading
) -> None:
    """An older one that failed is over, and one of a backup that is gone counts no more."""
    make(data, store, 4)
    drilled(store, 1)
    drilled(store, 2, passed=False)
    drilled(store, 2, hours=1)
    drilled(store, 3, hours=2)
    drilled(store, 3, passed=False, hours=3)
    store.remove(manifest_name(1))
    read_all(reading)
    assert results(reading) == {3: "failed", 2: "passed"}
    told = {one["number"]: one["drill"] for one in listing([reading.state])["backups"]}
    assert told == {4: None, 3: "failed", 2: "passed"}
    assert reading.state.last_drill is not None
    assert reading.state.last_drill.number == 3


def test_verdicts_are_read_after_the_backups_and_each_of_them_once(
    data: Path, store: Store, reading: ArchiveReading
) -> None:
    """What is asked for most is there first, and later listings cost what they did."""
    make(data, store, 3)
    for number in (1, 2, 3):
        drilled(store, number, hours=number)
    reading.look()
    assert results(reading) == {3: "passed"}, "the newest comes with the listing"
    read_all(reading)
    assert results(reading) == {3: "passed", 2: "passed", 1: "passed"}
    assert counted(reading, reading.look) == {"stat": 1}
    drilled(store, 1, passed=False, hours=4)
    assert counted(reading, lambda: reading.look(whole=True))["get"] == 1, "only the new one"
    assert counted(reading, lambda: read_all(reading)) == {"stat": 1}
    assert results(reading)[1] == "failed"


def test_a_verdict_that_is_no_good_is_passed_over(
    data: Path, store: Store, reading: ArchiveReading
) -> None:
    """And is not asked for again and again."""
    make(data, store, 2)
    store.plant(drill_name(2, FIRST), b"{")
    store.plant(drill_name(1, FIRST - timedelta(hours=1)), b"{")
    read_all(reading)
    assert (results(reading), reading.state.last_drill) == ({}, None)
    assert counted(reading, reading.read_next) == {}


def test_a_drill_that_goes_before_it_is_read_is_no_error(
    data: Path, store: Store, reading: ArchiveReading
) -> None:
    """Somebody may tidy up."""
    make(data, store, 2)
    drilled(store, 2, hours=1)
    gone = drilled(store, 1)
    reading.look()
    store.remove(gone)
    assert gone.startswith(DRILLS)
    read_all(reading)
    assert results(reading) == {2: "passed"}
