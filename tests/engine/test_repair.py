"""A chunk that storage has lost: stored again while the logger has it, never a cause of more."""

import json
import shutil
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import pytest

from engine.archives import (
    JOB,
    SERVICE,
    LocalStore,
    Store,
    WatchedSource,
    append,
    back_up,
    bring_back,
    contents,
    entry,
    first_chunk,
    newest,
    noise,
    rows,
    write,
)
from shared.archive import Wanted
from shared.backup import Job, backup
from shared.chunk import CHUNK_SIZE
from shared.drill import drill
from shared.drill_report import store_report
from shared.names import chunk_name
from shared.prune import Retention, prune
from shared.receipt import Outcome
from shared.restore import Options

LONG = noise(2 * CHUNK_SIZE + 1000)


def losing(chunks: Collection[str]) -> Job:
    """A backup that is told which chunks a drill could not read."""
    return replace(JOB, lost=frozenset(chunks))


def damage(store: Store, name: str, kind: str) -> None:
    """Cut an object off, or take it away."""
    if kind == "missing":
        store.remove(name)
    else:
        store.plant(name, store.objects()[name][:10], hours_ago=30)


@pytest.fixture
def grown(data: Path, store: Store) -> Store:
    """Two backups of a file that grew, and of one that stays as it is."""
    write(data, "grown.csv", rows(500), hours_ago=2)
    write(data, "long.csv", LONG, hours_ago=3)
    back_up(data, store.provider)
    append(data, "grown.csv", rows(900)[500:])
    back_up(data, store.provider)
    return store


@pytest.mark.parametrize("kind", ["missing", "cut"])
def test_the_end_of_a_growing_file_is_stored_again(
    data: Path, grown: Store, tmp_path: Path, kind: str
) -> None:
    """A backup compares the newest with the one before, and so meets the loss."""
    damage(grown, first_chunk(newest(grown.provider), "grown.csv"), kind)
    report = back_up(data, grown.provider)
    assert report.warnings == [
        "a chunk is lost, so nothing proves that backup 2 has what 1 held of: grown.csv",
        "chunks were lost in storage, and have been stored again, of: grown.csv",
    ]
    assert entry(newest(grown.provider), "grown.csv").earlier == ()
    assert drill([grown.provider], SERVICE).passed
    assert bring_back(tmp_path / "back", grown.provider).outcome == Outcome.RESTORED
    assert contents(tmp_path / "back") == contents(data)
    assert back_up(data, grown.provider).warnings == []


@pytest.mark.parametrize("kind", ["missing", "cut"])
def test_what_a_drill_finds_is_stored_again(data: Path, grown: Store, kind: str) -> None:
    """Several chunks of one file at once, and only those are fetched."""
    for index in (0, 1):
        damage(grown, first_chunk(newest(grown.provider), "long.csv", index), kind)
    found = drill([grown.provider], SERVICE)
    assert (found.passed, len(found.lost_chunks)) == (False, 2)
    source = WatchedSource(data)
    report = backup(source, grown.provider, losing(found.lost_chunks))
    assert report.warnings == [
        "chunks were lost in storage, and have been stored again, of: long.csv"
    ]
    assert sorted(source.reads) == [
        ("long.csv", 0, CHUNK_SIZE),
        ("long.csv", CHUNK_SIZE, CHUNK_SIZE),
    ]
    assert drill([grown.provider], SERVICE).passed


def test_a_loss_is_remembered_until_it_can_be_mended(data: Path, grown: Store) -> None:
    """The logger may be without the file now, and have it restored from elsewhere later."""
    damage(grown, first_chunk(newest(grown.provider), "long.csv"), "missing")
    lost = drill([grown.provider], SERVICE).lost_chunks
    (data / "long.csv").rename(data / "away.txt")
    report = backup(WatchedSource(data), grown.provider, losing(lost))
    assert newest(grown.provider).lost == lost
    assert "the logger lacks them too, of: long.csv" in report.warnings[0]
    again = back_up(data, grown.provider)
    assert (again.result, again.warnings) == ("nothing new", report.warnings)
    (data / "away.txt").rename(data / "long.csv")
    back_up(data, grown.provider)
    assert newest(grown.provider).lost == ()
    assert drill([grown.provider], SERVICE).passed


@pytest.mark.parametrize("kind", ["missing", "cut"])
def test_a_loss_without_a_logger_leaves_the_longest_beginning(
    data: Path, grown: Store, tmp_path: Path, kind: str
) -> None:
    """However many backups are made meanwhile, what older ones hold of the file comes back."""
    damage(grown, first_chunk(newest(grown.provider), "grown.csv"), kind)
    for path in ("grown.csv", "long.csv"):
        (data / path).unlink()
    for number in range(3):
        write(data, f"other-{number}.csv", rows(100, number))
        back_up(data, grown.provider)
    receipt = bring_back(tmp_path / "back", grown.provider)
    assert (receipt.outcome, list(receipt.problems)) == (Outcome.IN_PART, ["grown.csv"])
    assert (tmp_path / "back" / "grown.csv").read_bytes() == rows(500)


def test_the_longest_beginning_survives_its_own_restore(data: Path, grown: Store) -> None:
    """Once restored it is backed up beside the lost version, which nothing can compare any more."""
    damage(grown, first_chunk(newest(grown.provider), "grown.csv"), "missing")
    for turn in range(3):
        shutil.rmtree(data)
        receipt = bring_back(data, grown.provider)
        assert (receipt.outcome, list(receipt.problems)) == (Outcome.IN_PART, ["grown.csv"])
        assert (data / "grown.csv").read_bytes() == rows(500)
        write(data, f"other-{turn}.csv", rows(100, turn))
        back_up(data, grown.provider)


def test_a_file_cut_short_still_mends_what_it_has(data: Path, grown: Store) -> None:
    """The archive has more of it, and lacks just what is here."""
    damage(grown, first_chunk(newest(grown.provider), "long.csv"), "missing")
    write(data, "long.csv", LONG[: CHUNK_SIZE + 5], hours_ago=1)
    lost = drill([grown.provider], SERVICE).lost_chunks
    report = backup(WatchedSource(data), grown.provider, losing(lost))
    assert "stored again, of: long.csv" in report.warnings[0]
    assert drill([grown.provider], SERVICE).passed
    assert entry(newest(grown.provider), "long.csv").earlier == ()


def test_older_backups_read_what_was_mended(data: Path, grown: Store, tmp_path: Path) -> None:
    """They call it by a name that is damaged; a newer one knows where the good copy is."""
    damage(grown, first_chunk(newest(grown.provider), "long.csv"), "cut")
    lost = drill([grown.provider], SERVICE).lost_chunks
    assert backup(WatchedSource(data), grown.provider, losing(lost)).number == 3
    for number in (1, 2):
        back = tmp_path / str(number)
        write(back, "long.csv", LONG[:100], hours_ago=5)  # to be completed, if that can be proven
        receipt = bring_back(back, grown.provider, options=Options(wanted=Wanted(number=number)))
        assert receipt.outcome == Outcome.RESTORED
        assert (back / "long.csv").read_bytes() == LONG


def test_a_number_reads_chunks_from_any_provider(data: Path, grown: Store, tmp_path: Path) -> None:
    """The backup is one provider's, its chunks may be anyone's."""
    other = LocalStore(tmp_path / "other")
    back_up(data, other.provider)
    grown.remove(first_chunk(newest(grown.provider), "long.csv"))
    options = Options(wanted=Wanted(number=2))
    receipt = bring_back(tmp_path / "back", grown.provider, other.provider, options=options)
    assert receipt.outcome == Outcome.RESTORED
    assert contents(tmp_path / "back") == contents(data)


def test_a_chunk_that_only_an_older_backup_names_fails_the_drill(
    data: Path, local: LocalStore
) -> None:
    """A prune may delete that copy; the repair gives the newest backup one of its own."""
    for size, hours in ((100, 4), (200, 3), (50, 2)):
        write(data, "state.json", json.dumps("x" * size).encode(), hours)
        back_up(data, local.provider)
    local.age(hours=30)
    write(data, "state.json", json.dumps("x" * 100).encode(), hours_ago=1)
    back_up(data, local.provider)
    name = first_chunk(newest(local.provider), "state.json")
    assert name.count(".") == 2  # the plain one was not trusted any more
    damage(local, name, "cut")
    found = drill([local.provider], SERVICE)
    assert (found.passed, list(found.lost)) == (False, ["state.json"])
    backup(WatchedSource(data), local.provider, losing(found.lost_chunks))
    local.age(hours=30)
    prune(local.provider, SERVICE, Retention(keep_last=1, keep_daily=0))
    assert drill([local.provider], SERVICE).passed


def test_what_a_drill_found_lost_lets_no_backup_go(data: Path, grown: Store) -> None:
    """Until it is mended the older ones may have the only good copy."""
    damage(grown, first_chunk(newest(grown.provider), "grown.csv"), "cut")
    store_report(grown.provider, drill([grown.provider], SERVICE))
    grown.age(hours=30)
    (data / "grown.csv").unlink()
    report = prune(grown.provider, SERVICE, Retention(keep_last=1, keep_daily=0))
    assert (report.kept, report.dropped) == ([1, 2], [])
    assert report.warnings == ["backup 1 stays: the newest lacks grown.csv"]


def test_a_chunk_that_has_come_back_is_no_longer_lost(data: Path, grown: Store) -> None:
    """Somebody may have put it back by hand."""
    name = first_chunk(newest(grown.provider), "long.csv")
    frame = grown.objects()[name]
    grown.remove(name)
    lost = drill([grown.provider], SERVICE).lost_chunks
    (data / "long.csv").unlink()
    backup(WatchedSource(data), grown.provider, losing(lost))
    grown.plant(name, frame)
    assert back_up(data, grown.provider).warnings == []
    assert newest(grown.provider).lost == ()


def test_a_known_loss_does_not_keep_everything_for_ever(data: Path, grown: Store) -> None:
    """Backups that name the same lost chunk hold nothing more than the newest.

    What may be the lost version's beginning is kept as an earlier one, and comes beside it.
    """
    damage(grown, first_chunk(newest(grown.provider), "grown.csv"), "missing")
    lost = drill([grown.provider], SERVICE).lost_chunks
    (data / "grown.csv").unlink()
    backup(WatchedSource(data), grown.provider, losing(lost))
    for turn in range(4):
        write(data, "other.json", json.dumps(turn).encode(), hours_ago=1 - turn / 10)
        back_up(data, grown.provider)
    grown.age(hours=30)
    grown.plant(chunk_name("0" * 64), b"superfluous", hours_ago=30)
    report = prune(grown.provider, SERVICE, Retention(keep_last=1, keep_daily=0))
    assert report.kept == [7]
    assert chunk_name("0" * 64) not in grown.objects()
    receipt = bring_back(data.parent / "back", grown.provider)
    assert list(receipt.problems) == ["grown.csv"]
    (earlier,) = (data.parent / "back").glob("grown.csv.earlier-*")
    assert earlier.read_bytes() == rows(500)
