import json
from pathlib import Path
from threading import Barrier

import pytest

from engine.archives import (
    SERVICE,
    LocalStore,
    Store,
    WatchedProvider,
    append,
    back_up,
    bring_back,
    contents,
    entry,
    newest,
    noise,
    rows,
    write,
)
from engine.time_limits import Budget
from shared import proofs
from shared.document import encode
from shared.errors import ObjectDamaged, ObjectMissing, TooNew
from shared.format import Manifest
from shared.history import numbers, read_manifest, read_parent
from shared.names import CHUNKS, manifest_name
from shared.receipt import Outcome
from shared.status import status


def plant(store: Store, manifest: Manifest, number: int, **changes: object) -> None:
    """Put a changed copy of a manifest under a number, as a key that may create can."""
    document = manifest.model_dump() | {"number": number} | changes
    store.plant(manifest_name(number), encode(manifest.model_validate(document)))


def test_a_newest_that_let_go_is_merged_with_the_one_before(data: Path, store: Store) -> None:
    """A false backup buries nothing: readers see both, and the next backup heals it (rule 4)."""
    write(data, "a.csv", rows(5000))
    write(data, "b.csv", rows(300))
    back_up(data, store.provider)
    kept = entry(newest(store.provider), "b.csv")
    plant(store, newest(store.provider), 2, files=[kept])
    parent = read_parent(store.provider, SERVICE)
    assert parent.manifest is not None
    assert [file.path for file in parent.manifest.files] == ["a.csv", "b.csv"]
    assert parent.warnings == ("backup 2 lacks what 1 held of: a.csv",)
    (data / "a.csv").unlink()
    report = back_up(data, store.provider)
    assert (report.result, report.number) == ("created", 3)
    assert report.warnings == ["backup 2 lacks what 1 held of: a.csv"]
    assert [file.path for file in newest(store.provider).files] == ["a.csv", "b.csv"]
    assert back_up(data, store.provider).warnings == []


def test_a_newest_that_holds_less_of_a_file_is_healed(data: Path, local: LocalStore) -> None:
    """Also a shorter version, and one rewritten without the earlier one, are seen."""
    write(data, "short.csv", rows(200))
    write(data, "rewritten.csv", noise(900), hours_ago=0)
    back_up(data, local.provider)
    false = newest(local.provider)
    append(data, "short.csv", rows(300)[200:])
    write(data, "rewritten.csv", rows(4000), hours_ago=1)
    back_up(data, local.provider)
    plant(local, false, 3)
    parent = read_parent(local.provider, SERVICE)
    assert "lacks what 2 held of: rewritten.csv, short.csv" in parent.warnings[0]
    assert back_up(data, local.provider).number == 4
    healed = newest(local.provider)
    assert [(file.size, len(file.earlier)) for file in healed.files] == [(900, 1), (300, 0)]


def test_a_restore_brings_what_a_false_newest_left_out(
    data: Path, local: LocalStore, tmp_path: Path
) -> None:
    """Rule 4 serves readers too, before any next backup."""
    write(data, "a.csv", rows(5000))
    back_up(data, local.provider)
    plant(local, newest(local.provider), 2, files=[])
    receipt = bring_back(tmp_path / "back", local.provider)
    assert (receipt.outcome, len(receipt.warnings)) == (Outcome.RESTORED, 1)
    assert contents(tmp_path / "back") == contents(data)


@pytest.mark.parametrize(
    ("planted", "told"),
    [
        (b"", "is not a valid"),
        (b"{}", "is not a valid manifest"),
        (b'{"number": 2', "is not a valid"),
        (b"\xff\xfe", "is not a valid"),
    ],
)
def test_a_damaged_newest_is_passed_over(
    data: Path, local: LocalStore, planted: bytes, told: str
) -> None:
    """The backup before it is the parent, and the next number is above both."""
    write(data, "a.csv", rows(100))
    back_up(data, local.provider)
    local.plant(manifest_name(2), planted)
    parent = read_parent(local.provider, SERVICE)
    assert parent.stored == read_manifest(local.provider, 1)
    assert (parent.newest_number, len(parent.damaged)) == (2, 1)
    assert "backup 2 cannot be read" in parent.damaged[0]
    assert told in parent.damaged[0]
    append(data, "a.csv", rows(10))
    report = back_up(data, local.provider)
    assert (report.number, numbers(local.provider)) == (3, [1, 2, 3])
    assert report.warnings == list(parent.damaged)
    assert status(local.provider, SERVICE).newest == 3


def test_a_manifest_under_the_wrong_number_is_damaged(data: Path, local: LocalStore) -> None:
    """A copy of an old backup under a new name is not a newer backup."""
    write(data, "a.csv", rows(100))
    back_up(data, local.provider)
    local.plant(manifest_name(2), local.objects()[manifest_name(1)])
    with pytest.raises(ObjectDamaged, match="says 1"):
        read_manifest(local.provider, 2)
    assert read_parent(local.provider, SERVICE).damaged


def test_a_backup_of_another_service_is_passed_over(data: Path, local: LocalStore) -> None:
    """Two services that share a prefix by mistake do not mix, and both are told."""
    write(data, "a.csv", rows(100))
    back_up(data, local.provider)
    plant(local, newest(local.provider), 2, service="other-logger", files=[])
    parent = read_parent(local.provider, SERVICE)
    assert parent.stored == read_manifest(local.provider, 1)
    assert parent.damaged == ("backup 2 is of another service, 'other-logger'",)
    append(data, "a.csv", rows(10))
    assert back_up(data, local.provider).number == 3


def test_a_newer_format_is_refused(data: Path, local: LocalStore, tmp_path: Path) -> None:
    """An old reader must not build on, or restore from, what it does not understand."""
    write(data, "a.csv", rows(100))
    back_up(data, local.provider)
    planted = {"min_reader": 2, "number": 2, "files": {"in": "another shape"}}
    local.plant(manifest_name(2), json.dumps(planted).encode())
    with pytest.raises(TooNew, match="wants a reader of format 2"):
        back_up(data, local.provider)
    with pytest.raises(TooNew, match="Deploy the newer version"):
        bring_back(tmp_path / "back", local.provider)
    assert numbers(local.provider) == [1, 2]
    assert not (tmp_path / "back").exists()


def test_an_older_backup_of_a_newer_format_stops_nothing(data: Path, local: LocalStore) -> None:
    """The newest holds what it held; it is told of as unreadable."""
    for size in (100, 200, 300):
        write(data, "a.csv", rows(size))
        back_up(data, local.provider)
    planted = json.dumps({"min_reader": 2}).encode()
    local.plant(manifest_name(2), planted)
    parent = read_parent(local.provider, SERVICE)
    assert (parent.newest_number, parent.stored) == (3, newest(local.provider))
    assert "backup 2 cannot be read: backups/00000002.json wants" in parent.warnings[0]


def test_what_a_backup_says_was_let_go_is_told_of(data: Path, local: LocalStore) -> None:
    """Once: a person who did not ask for it should know."""
    write(data, "a.csv", rows(100))
    write(data, "b.csv", rows(100))
    back_up(data, local.provider)
    act = {"path": "a.csv", "by": "operator", "why": "asked to", "at": "2026-11-22T20:00:00Z"}
    kept = entry(newest(local.provider), "b.csv")
    plant(local, newest(local.provider), 2, files=[kept], forgotten=[act])
    report = back_up(data, local.provider)
    assert report.warnings == ["backup 2 says that an operator let go of a.csv"]
    append(data, "b.csv", rows(10))
    back_up(data, local.provider)
    assert back_up(data, local.provider).warnings == []


def test_a_newer_format_that_older_readers_understand_is_read(
    data: Path, local: LocalStore
) -> None:
    """Only `min_reader` refuses; a higher `format` does not."""
    write(data, "a.csv", rows(100))
    back_up(data, local.provider)
    plant(local, newest(local.provider), 1, format=7)
    assert read_manifest(local.provider, 1).format == 7


def test_gaps_in_the_numbers_are_no_damage(data: Path, store: Store) -> None:
    """A prune leaves gaps: the newest and the one before it are the next two that are there."""
    for step in range(5):
        write(data, f"{step}.csv", rows(100, step))
        back_up(data, store.provider)
    for number in (1, 3, 4):
        store.remove(manifest_name(number))
    parent = read_parent(store.provider, SERVICE)
    assert (parent.newest_number, parent.damaged, parent.warnings) == (5, (), ())
    with pytest.raises(ObjectMissing):
        read_manifest(store.provider, 4)
    write(data, "more.csv", rows(100))
    assert back_up(data, store.provider).number == 6
    assert numbers(store.provider) == [2, 5, 6]


def test_other_files_among_the_backups_have_no_number(data: Path, local: LocalStore) -> None:
    """What is not named like a backup is not one."""
    write(data, "a.csv", rows(100))
    back_up(data, local.provider)
    for name in ("backups/notes.json", "backups/2.json", "backups/000000002.json"):
        local.plant(name, b"{}")
    assert numbers(local.provider) == [1]


def test_the_status_tells_of_the_newest_backup(data: Path, store: Store) -> None:
    """Empty, then counted; what is wrong with the history is among the warnings."""
    empty = status(store.provider, SERVICE)
    assert (empty.backups, empty.newest, empty.age_seconds, empty.last_drill) == (0, 0, None, None)
    write(data, "a.csv", rows(1200))
    write(data, "b.csv", rows(34))
    report = back_up(data, store.provider)
    seen = status(store.provider, SERVICE)
    assert (seen.backups, seen.newest, seen.files, seen.raw_bytes) == (1, 1, 2, 1234)
    assert seen.created_at == report.created_at
    assert seen.age_seconds is not None
    assert (seen.age_seconds >= 0, seen.warnings) == (True, [])
    store.plant(manifest_name(2), b"{}")
    damaged = status(store.provider, SERVICE)
    assert (damaged.backups, damaged.newest, len(damaged.warnings)) == (2, 1, 1)


@pytest.fixture
def grown(data: Path, local: LocalStore) -> LocalStore:
    """Four files that grew between two backups."""
    for name in "abcd":
        write(data, f"{name}.csv", rows(100, ord(name)), hours_ago=3)
    back_up(data, local.provider)
    for name in "abcd":
        append(data, f"{name}.csv", rows(200, ord(name))[100:])
    back_up(data, local.provider)
    return local


def test_what_cannot_be_compared_in_time_is_taken_from_both(grown: LocalStore) -> None:
    """A restore that has no time to prove that files grew still has the newest, and is told so."""
    parent = read_parent(grown.provider, SERVICE, Budget(0))
    assert [len(entry.earlier) for entry in parent.files] == [1] * 4
    assert parent.warnings == (
        "backup 2 could not be compared with 1 in time: what either holds is taken",
    )
    assert [entry.chunks for entry in parent.files] == [
        entry.chunks for entry in newest(grown.provider).files
    ]


def test_what_is_certainly_gone_is_told_though_time_ran_out(grown: LocalStore) -> None:
    """Many files that could not be compared must not hide one that was left out."""
    second = newest(grown.provider)
    plant(grown, second, 2, files=[entry(second, path) for path in ("b.csv", "c.csv", "d.csv")])
    parent = read_parent(grown.provider, SERVICE, Budget(0))
    assert parent.warnings == (
        "backup 2 could not be compared with 1 in time: what either holds is taken",
        "backup 2 lacks what 1 held of: a.csv",
    )
    assert [file.path for file in parent.files] == ["a.csv", "b.csv", "c.csv", "d.csv"]


def test_chunks_are_compared_on_several_threads(grown: LocalStore) -> None:
    """A thousand files that grew must not take a thousand times as long as one."""
    watched, together = WatchedProvider(grown.provider), Barrier(proofs.THREADS)

    def meet(name: str) -> None:
        if name.startswith(CHUNKS):
            together.wait(timeout=30)

    watched.before_get = meet
    assert read_parent(watched, SERVICE).warnings == ()
