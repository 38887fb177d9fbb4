"""A chunk that storage has lost: stored again while the logger has it, never a cause of more."""

from pathlib import Path

import pytest

from engine.archives import (
    JOB,
    SERVICE,
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
from shared.backup import backup
from shared.chunk import CHUNK_SIZE
from shared.drill import drill
from shared.receipt import Outcome

LONG = noise(2 * CHUNK_SIZE + 1000)


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
        "chunks were lost in storage, and have been stored again, of: grown.csv"
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
    report = backup(source, grown.provider, JOB, lost=found.lost_chunks)
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
    report = backup(WatchedSource(data), grown.provider, JOB, lost=lost)
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
