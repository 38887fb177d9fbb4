import json
import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.archives import (
    LocalStore,
    WatchedProvider,
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
from shared.chunk import CHUNK_SIZE, digest
from shared.format import Version
from shared.names import beside, manifest_name
from shared.receipt import Outcome
from shared.restore import Options

LOCAL = (digest(noise(900, "local")),)


@pytest.fixture
def back(tmp_path: Path) -> Path:
    """Where files are restored to: below a folder of its own, whose other files are counted."""
    return tmp_path / "outer" / "back"


def plant_path(local: LocalStore, path: str) -> None:
    """Let the newest manifest name its first file by another path."""
    document = json.loads(local.objects()[manifest_name(1)])
    document["files"][0]["path"] = path
    local.plant(manifest_name(1), json.dumps(document).encode())


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file may be written past this size, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


@pytest.mark.parametrize(
    "path",
    [
        "../escaped.csv",
        "a/../../escaped.csv",
        "/escaped.csv",
        "./a.csv",
        "a//b.csv",
        "a\\..\\b.csv",
        "",
        ".backup/restore.json",
        "a\n.csv",
        "x" * 256,
    ],
)
def test_an_unsafe_path_in_a_manifest_is_refused(
    data: Path, local: LocalStore, back: Path, path: str
) -> None:
    """Nothing is written, neither outside nor inside (rule 12)."""
    write(data, "a.csv", rows(100))
    back_up(data, local.provider)
    plant_path(local, path)
    receipt = bring_back(back, local.provider)
    assert receipt.outcome == Outcome.NOTHING
    assert "backup 1 cannot be read" in receipt.unreadable[0]
    assert not back.parent.exists()


@pytest.mark.parametrize("path", ["linked/a.csv", "linked/deep/a.csv", "a.csv"])
def test_a_symbolic_link_in_the_target_is_not_followed(
    data: Path, local: LocalStore, back: Path, path: str
) -> None:
    """Neither a folder's nor a file's: the file is named, the rest is restored (rule 12)."""
    write(data, path, rows(100))
    write(data, "other.csv", rows(50))
    back_up(data, local.provider)
    outside = write(back.parent, "outside/victim.csv", b"untouched").parent
    back.mkdir()
    (back / "linked").symlink_to(outside)
    (back / "a.csv").symlink_to(outside / "victim.csv")
    receipt = bring_back(back, local.provider)
    assert contents(outside) == {"victim.csv": b"untouched"}
    assert (receipt.outcome, list(receipt.problems)) == (Outcome.IN_PART, [path])
    assert "symbolic link" in receipt.problems[path]
    assert (back / "other.csv").read_bytes() == rows(50)


def test_a_link_that_appears_after_the_plan_is_not_followed(
    data: Path, local: LocalStore, back: Path
) -> None:
    """The place is looked at again before the file gets its name."""
    write(data, "deep/a.csv", rows(100))
    back_up(data, local.provider)
    outside = back.parent / "outside"
    outside.mkdir(parents=True)
    provider = WatchedProvider(local.provider)

    def link(name: str) -> None:
        if name.startswith("chunks/"):
            (back / "deep").symlink_to(outside)

    provider.before_get = link
    back.mkdir()
    receipt = bring_back(back, provider)
    assert list(outside.iterdir()) == []
    assert list(receipt.problems) == ["deep/a.csv"]


@pytest.mark.parametrize("kind", ["directory", "pipe"])
def test_what_is_no_plain_file_stays_and_gets_a_neighbour(
    data: Path, local: LocalStore, back: Path, kind: str
) -> None:
    """A folder where a file should go: the file is put beside it, once (rule 6)."""
    write(data, "a/b.csv", rows(100))
    back_up(data, local.provider)
    if kind == "directory":
        write(back, "a/b.csv/inner.csv", b"here first")
    else:
        write(back, "a/b.csv", b"")
        (back / "a/b.csv").unlink()
        os.mkfifo(back / "a/b.csv")
    name = beside("a/b.csv", "restored", entry(newest(local.provider), "a/b.csv").identity)
    for _ in range(2):
        assert bring_back(back, local.provider).outcome == Outcome.RESTORED
        restored = {path: held for path, held in contents(back).items() if held != b"here first"}
        assert restored == {name: rows(100)}


def test_a_file_where_a_folder_should_be_is_left_alone(
    data: Path, local: LocalStore, back: Path
) -> None:
    """There is no place beside it; what cannot be restored is named."""
    write(data, "a/b.csv", rows(100))
    write(data, "other.csv", rows(50))
    back_up(data, local.provider)
    write(back, "a", b"here first")
    receipt = bring_back(back, local.provider)
    assert sorted(contents(back).values()) == sorted([b"here first", rows(50)])
    assert list(receipt.problems) == ["a/b.csv"]


def test_a_file_that_became_a_folder_is_restored_beside_it(
    data: Path, local: LocalStore, back: Path
) -> None:
    """The archive holds both, and a disk cannot."""
    write(data, "p.csv", rows(100), hours_ago=2)
    back_up(data, local.provider)
    (data / "p.csv").unlink()
    write(data, "p.csv/q.csv", rows(50), hours_ago=1)
    back_up(data, local.provider)
    name = beside("p.csv", "restored", entry(newest(local.provider), "p.csv").identity)
    for _ in range(2):
        assert bring_back(back, local.provider).outcome == Outcome.RESTORED
        assert contents(back) == {name: rows(100), "p.csv/q.csv": rows(50)}


def test_two_restores_at_once_are_no_conflict(data: Path, local: LocalStore, back: Path) -> None:
    """Who comes second finds the same bytes in place."""
    write(data, "a.csv", rows(100))
    back_up(data, local.provider)
    provider = WatchedProvider(local.provider)

    def overtake(name: str) -> None:
        if name.startswith("chunks/"):
            provider.before_get = lambda _name: None
            bring_back(back, local.provider)

    provider.before_get = overtake
    receipt = bring_back(back, provider)
    assert (receipt.outcome, receipt.problems) == (Outcome.RESTORED, {})
    assert contents(back) == contents(data)


def test_a_write_that_fails_leaves_nothing_half_written(
    data: Path, local: LocalStore, back: Path
) -> None:
    """On a full disk a file is whole or absent; what fits is restored (rule 7)."""
    write(data, "large.csv", noise(2 * CHUNK_SIZE))
    write(data, "small.csv", rows(100))
    write(data, "grown.csv", noise(CHUNK_SIZE + 100))
    back_up(data, local.provider)
    write(back, "grown.csv", noise(CHUNK_SIZE + 100)[:500])
    with largest_file(CHUNK_SIZE + 50):
        receipt = bring_back(back, local.provider)
    grown = noise(CHUNK_SIZE + 100)[:500]
    assert contents(back) == {"grown.csv": grown, "small.csv": rows(100)}
    assert sorted(receipt.problems) == ["grown.csv", "large.csv"]
    assert (receipt.outcome, receipt.later) == (Outcome.IN_PART, ())
    assert list((back / ".backup/incoming").iterdir()) == []
    assert bring_back(back, local.provider).outcome == Outcome.RESTORED
    assert contents(back) == contents(data)


def test_what_a_killed_restore_left_is_swept_after_a_day(
    data: Path, local: LocalStore, back: Path
) -> None:
    """A younger one may belong to a restore that is under way."""
    write(data, "a.csv", rows(100))
    back_up(data, local.provider)
    for name, hours in (("old", 25), ("young", 23)):
        write(back / ".backup/incoming", name, b"half", hours_ago=hours)
    bring_back(back, local.provider)
    assert [place.name for place in (back / ".backup/incoming").iterdir()] == ["young"]


def test_a_file_that_appears_meanwhile_is_not_overwritten(
    data: Path, local: LocalStore, back: Path
) -> None:
    """It was missing when the plan was made: now it stays, and ours is put beside it."""
    write(data, "a.csv", rows(100))
    back_up(data, local.provider)
    provider = WatchedProvider(local.provider)

    def appear(name: str) -> None:
        if name.startswith("chunks/"):
            write(back, "a.csv", b"just begun")

    provider.before_get = appear
    receipt = bring_back(back, provider)
    name = beside("a.csv", "restored", entry(newest(local.provider), "a.csv").identity)
    assert contents(back) == {"a.csv": b"just begun", name: rows(100)}
    assert receipt.outcome == Outcome.RESTORED


@pytest.mark.parametrize("grown", [True, False])
def test_a_file_that_changes_meanwhile_is_not_replaced(
    data: Path, local: LocalStore, back: Path, grown: bool
) -> None:
    """Neither completed nor replaced: what the plan saw is no longer what lies there."""
    write(data, "a.csv", rows(1000) if grown else noise(1000), hours_ago=1)
    back_up(data, local.provider)
    write(back, "a.csv", rows(300), hours_ago=2)
    provider = WatchedProvider(local.provider)
    reads: list[str] = []

    def change(name: str) -> None:
        reads.extend([name] * name.startswith("chunks/"))
        # The first read of a growing file's chunk is the plan's own.
        if name.startswith("chunks/") and len(reads) == (2 if grown else 1):
            append(back, "a.csv", b"more")

    provider.before_get = change
    receipt = bring_back(back, provider)
    assert contents(back) == {"a.csv": rows(300) + b"more"}
    assert "has changed meanwhile, and stays" in receipt.problems["a.csv"]


def test_a_file_is_not_put_aside_under_the_name_of_another(
    data: Path, local: LocalStore, back: Path
) -> None:
    """A person may have edited what an earlier restore put aside: then both stay."""
    write(data, "a.csv", noise(500), hours_ago=1)
    back_up(data, local.provider)
    write(back, "a.csv", noise(900, "local"), hours_ago=5)
    aside = beside("a.csv", "replaced", Version(size=900, mtime_ns=0, chunks=LOCAL).identity)
    write(back, aside, b"edited")
    receipt = bring_back(back, local.provider)
    assert contents(back) == {"a.csv": noise(900, "local"), aside: b"edited"}
    assert "is another file, so a.csv stays" in receipt.problems["a.csv"]


def test_another_file_under_the_name_beside_is_no_restored_version(
    data: Path, local: LocalStore, back: Path
) -> None:
    """It stays, and what could not be put there is named."""
    write(data, "a.csv", noise(500), hours_ago=5)
    back_up(data, local.provider)
    write(back, "a.csv", noise(900, "local"), hours_ago=1)
    name = beside("a.csv", "restored", entry(newest(local.provider), "a.csv").identity)
    write(back, name, b"edited")
    receipt = bring_back(back, local.provider)
    assert contents(back) == {"a.csv": noise(900, "local"), name: b"edited"}
    assert f"'{name}' is another file" in receipt.problems["a.csv"]


def test_what_is_left_of_a_newer_version_comes_beside_the_older(
    data: Path, local: LocalStore, back: Path
) -> None:
    """Its beginning replaces nothing, and is not thrown away either (rule 8)."""
    write(data, "a.csv", noise(CHUNK_SIZE + 100), hours_ago=1)
    back_up(data, local.provider)
    local.remove(first_chunk(newest(local.provider), "a.csv", 1))
    write(back, "a.csv", b"older", hours_ago=5)
    name = beside("a.csv", "restored", entry(newest(local.provider), "a.csv").identity)
    for _ in range(2):
        assert bring_back(back, local.provider).outcome == Outcome.IN_PART
        assert contents(back) == {"a.csv": b"older", name: noise(CHUNK_SIZE + 100)[:CHUNK_SIZE]}


def test_a_receipt_that_cannot_be_written_costs_only_itself(
    data: Path, local: LocalStore, back: Path
) -> None:
    """What was restored is here, and the outcome says so."""
    write(data, "a.csv", rows(100))
    back_up(data, local.provider)
    (back / ".backup" / "restore.json").mkdir(parents=True)
    receipt = bring_back(back, local.provider)
    assert receipt.outcome == Outcome.RESTORED
    assert "the receipt could not be written" in receipt.warnings[0]
    assert (back / "a.csv").read_bytes() == rows(100)


def test_a_receipt_that_cannot_be_read_counts_as_none(
    data: Path, local: LocalStore, back: Path
) -> None:
    """On a live logger that is the careful answer: nothing counts as left by a restore."""
    write(data, "a.csv", rows(100))
    back_up(data, local.provider)
    bring_back(back, local.provider)
    (back / ".backup/restore.json").write_bytes(b"{")
    append(data, "a.csv", rows(300)[100:])
    back_up(data, local.provider)
    bring_back(back, local.provider, options=Options(live=True))
    assert (back / "a.csv").read_bytes() == rows(100)
    assert len(contents(back)) == 2


def test_a_beginning_that_was_put_beside_is_completed_later(
    data: Path, local: LocalStore, back: Path
) -> None:
    """Its name promises the whole: once the lost chunk is back, so is the rest (rule 7)."""
    write(data, "a.csv", noise(CHUNK_SIZE + 100), hours_ago=2)
    back_up(data, local.provider)
    write(back, "a.csv", rows(CHUNK_SIZE + 50), hours_ago=1)
    name = first_chunk(newest(local.provider), "a.csv", 1)
    frame = local.objects()[name]
    local.remove(name)
    other = beside("a.csv", "restored", newest(local.provider).files[0].identity)
    for _ in range(2):
        assert bring_back(back, local.provider).outcome == Outcome.IN_PART
        assert (back / other).read_bytes() == noise(CHUNK_SIZE)
    local.plant(name, frame)
    assert bring_back(back, local.provider).outcome == Outcome.RESTORED
    assert contents(back) == {"a.csv": rows(CHUNK_SIZE + 50), other: noise(CHUNK_SIZE + 100)}
