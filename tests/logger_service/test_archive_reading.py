"""How one provider's archive is learned: a question while nothing changes, each manifest once."""

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.archives import SERVICE, Store, WatchedSource, append, back_up, write
from shared.backup import Job, backup
from shared.drill import drill
from shared.drill_report import store_report
from shared.errors import StorageUnavailable
from shared.format import Writer
from shared.names import manifest_name
from shared.prune_record import PruneRecord, store_record
from watching.archive_reading import LISTING_SECONDS, ArchiveReading


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Those that have passed."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """One at its beginning."""
    return Clock()


@pytest.fixture
def reading(store: Store, clock: Clock) -> ArchiveReading:
    """Of an archive that may still be empty."""
    return ArchiveReading(store.another(), SERVICE, clock)


def make(data: Path, store: Store, count: int = 1) -> None:
    """So many more backups, each with ten new bytes."""
    for _ in range(count):
        append(data, "day.csv", b"123456789\n")
        back_up(data, store.provider)


def read_all(reading: ArchiveReading) -> None:
    """A look, and all that there is to read after it."""
    reading.look()
    while reading.read_next():
        pass


def counted(reading: ArchiveReading, act: Callable[[], object]) -> dict[str, int]:
    """The storage operations of one step."""
    operations = reading._reader.operations  # noqa: SLF001  what it costs is what is tested
    before = operations.copy()
    act()
    return dict(operations - before)


def test_an_empty_archive_is_known_to_be_empty(reading: ArchiveReading) -> None:
    """Which is another thing than one that did not answer."""
    assert reading.state.looked_at is None
    reading.look()
    assert reading.state.looked_at is not None
    assert reading.state.numbers == ()
    assert reading.state.newest is None


def test_a_look_reads_the_newest_and_leaves_the_others_for_later(
    data: Path, store: Store, reading: ArchiveReading
) -> None:
    """What is asked for most is there first."""
    make(data, store, 3)
    reading.look()
    assert reading.state.numbers == (3, 2, 1)
    assert reading.state.newest is not None
    assert (reading.state.newest.number, reading.state.unread) == (3, (2, 1))
    assert reading.state.sizes == {"day.csv": 30}
    read_all(reading)
    assert [one.number for one in reading.state.backups] == [3, 2, 1]


def test_each_backup_tells_what_its_manifest_says(
    data: Path, store: Store, reading: ArchiveReading
) -> None:
    """And what it added to the one before."""
    write(data, "old.csv", b"x" * 500)
    make(data, store, 2)
    read_all(reading)
    newest, first = reading.state.backups
    assert (newest.reason, newest.job, newest.instance) == ("manual", "function", "function-1")
    assert (newest.files, newest.raw_bytes, newest.partial) == (2, 520, False)
    assert newest.created_at >= newest.taken_at
    assert (newest.new_bytes, first.new_bytes) == (10, 510), "what the file grew by"


def test_of_the_oldest_after_a_prune_it_is_not_known_what_it_added(
    data: Path, store: Store, reading: ArchiveReading
) -> None:
    """The backup before it is gone."""
    make(data, store, 3)
    store.remove(manifest_name(1))
    read_all(reading)
    assert [one.new_bytes for one in reading.state.backups] == [10, None]


def test_while_nothing_changes_a_look_is_one_question(
    data: Path, store: Store, reading: ArchiveReading
) -> None:
    """A listing costs twelve times as much."""
    make(data, store, 2)
    read_all(reading)
    assert counted(reading, reading.look) == {"stat": 1}


def test_a_new_backup_is_read_alone(data: Path, store: Store, reading: ArchiveReading) -> None:
    """The others do not change."""
    make(data, store, 2)
    read_all(reading)
    make(data, store)
    assert counted(reading, lambda: read_all(reading))["get"] == 1
    assert reading.state.newest is not None
    assert (reading.state.newest.number, reading.state.newest.new_bytes) == (3, 10)
    assert reading.state.sizes == {"day.csv": 30}


def test_a_listing_shows_what_was_pruned(
    data: Path, store: Store, reading: ArchiveReading, clock: Clock
) -> None:
    """Every quarter of an hour, or when it is asked for."""
    make(data, store, 4)
    read_all(reading)
    store.remove(manifest_name(1))
    clock.now += LISTING_SECONDS
    reading.look()
    assert len(reading.state.numbers) == 4
    clock.now += 1
    reading.look()
    assert list(reading.state.numbers) == [4, 3, 2]
    store.remove(manifest_name(2))
    reading.look(whole=True)
    assert [one.number for one in reading.state.backups] == [4, 3]


def test_a_backup_that_goes_before_it_is_read_is_no_error(
    data: Path, store: Store, reading: ArchiveReading
) -> None:
    """A prune takes old ones away at any time."""
    make(data, store, 3)
    reading.look()
    store.remove(manifest_name(2))
    read_all(reading)
    assert reading.state.numbers == (3, 1)
    assert not reading.state.unreadable


def test_an_archive_that_was_emptied_begins_anew(
    data: Path, store: Store, reading: ArchiveReading
) -> None:
    """Its first backup is not the one that had this number before."""
    make(data, store, 2)
    read_all(reading)
    for name in store.objects():
        store.remove(name)
    reading.look(whole=True)
    assert (reading.state.numbers, reading.state.newest, reading.state.sizes) == ((), None, {})
    make(data, store)
    read_all(reading)
    assert [one.raw_bytes for one in reading.state.backups] == [30]


def test_damaged_and_foreign_backups_are_told_and_passed_over(
    data: Path, store: Store, reading: ArchiveReading
) -> None:
    """The newest that can be read is the newest."""
    make(data, store)
    job = Job("another", "manual", Writer(job="function", instance="f"))
    backup(WatchedSource(data, "another"), store.provider, job)
    store.plant(manifest_name(3), b"{")
    read_all(reading)
    assert reading.state.newest is not None
    assert reading.state.newest.number == 1
    assert set(reading.state.unreadable) == {2, 3}
    assert "another service" in reading.state.unreadable[2]
    assert reading.state.unread == ()


def test_the_newest_drill_and_prune_are_known(
    data: Path, store: Store, reading: ArchiveReading
) -> None:
    """They are looked for with a listing."""
    make(data, store)
    reading.look()
    store_report(store.provider, drill([store.provider], SERVICE))
    at = "2026-11-22T20:30:00.000Z"
    record = PruneRecord(
        started_at=at, kept=1, dropped=2, chunks_kept=3, chunks_dropped=4, bytes_freed=5
    )
    store_record(store.provider, record)
    reading.look(whole=True)
    assert reading.state.last_drill is not None
    assert (reading.state.last_drill.result, reading.state.last_prune) == ("passed", record)


def test_what_is_known_stays_known_while_storage_fails(
    data: Path, store: Store, reading: ArchiveReading, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks is told until when that was."""
    make(data, store, 2)
    reading.look()
    before = reading.state

    def fail(_name: str) -> None:
        raise StorageUnavailable("no answer")

    monkeypatch.setattr(reading._reader, "_stat", fail)  # noqa: SLF001  whatever the provider
    with pytest.raises(StorageUnavailable):
        reading.look()
    assert reading.state == before
