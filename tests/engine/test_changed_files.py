"""Backups of only what changed lately: each counts as a part, and takes nothing from the others.

No test can set when a file's status changed, so what has just changed is dated an hour ahead.
"""

from pathlib import Path
from time import time_ns

import pytest

from engine.archives import JOB, MIB, SERVICE, LocalStore, noise, rows, write
from engine.time_limits import hurried_backup
from shared.backup import backup
from shared.capture import capture
from shared.changed_files import ChangedFiles
from shared.directory_source import DirectorySource, Identity
from shared.history import numbers, read_manifest
from shared.selection import Selection
from shared.source import Source

AHEAD = -1  # hours ago
MINUTE_NS = 60_000_000_000


@pytest.fixture
def whole(data: Path) -> DirectorySource:
    """The data directory, with a day that is done and one that has just changed."""
    write(data, "done.csv", rows(100))
    write(data, "today.csv", rows(200), AHEAD)
    return DirectorySource(data, Selection(), Identity(SERVICE, "ab12"))


@pytest.fixture
def changed(whole: DirectorySource) -> ChangedFiles:
    """What has just changed in it."""
    return ChangedFiles(whole, time_ns() + MINUTE_NS)


def sizes(source: Source) -> dict[str, int]:
    """What a snapshot shows."""
    return {file.path: file.size for file in source.snapshot().files}


def stored(local: LocalStore, number: int) -> set[str]:
    """The paths that a backup names."""
    return {file.path for file in read_manifest(local.provider, number).files}


def test_only_what_changed_is_shown(changed: ChangedFiles, whole: DirectorySource) -> None:
    """And it says whether that is all there is."""
    assert sizes(changed) == changed.shown == {"today.csv": 200}
    assert not changed.shows_all
    everything = ChangedFiles(whole, 0)
    assert sizes(everything) == sizes(whole)
    assert everything.shows_all


def test_own_files_are_shown_whatever_their_times(data: Path) -> None:
    """A clock that was set back while the logger ran must not cost its newest rows."""
    write(data, "done.csv", rows(100))
    write(data, "own.csv", rows(200))
    identity = Identity(SERVICE, "ab12")
    directory = DirectorySource(data, Selection(), identity, lambda: ["own.csv", "not yet.csv"])
    assert sizes(ChangedFiles(directory, time_ns() + MINUTE_NS)) == {"own.csv": 200}


def test_what_did_not_change_is_not_read(
    changed: ChangedFiles, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large history costs a look at its times."""
    read = []

    def note(place: Path, *rest: object, **more: object) -> object:
        read.append(place)
        return capture(place, *rest, **more)  # type: ignore[arg-type]  # passed on as they are

    monkeypatch.setattr("shared.directory_source.capture", note)
    changed.snapshot()
    assert read == [data / "today.csv"]


def test_the_digests_of_the_others_are_kept(
    changed: ChangedFiles, whole: DirectorySource, data: Path
) -> None:
    """The next whole snapshot reads nothing again, and what the last one showed can be had."""
    (done, _) = whole.snapshot().files
    frame = whole.read("done.csv", 0, 100, done.chunks[0])
    write(data, "today.csv", rows(300), AHEAD)
    changed.snapshot()
    assert whole.read("done.csv", 0, 100, done.chunks[0]) == frame


def test_it_waits_for_no_snapshot_that_is_being_taken(
    changed: ChangedFiles, whole: DirectorySource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a large directory that may take longer than there is time."""
    seen = []

    def meanwhile(place: Path, *rest: object, **more: object) -> object:
        monkeypatch.undo()
        seen.append(sizes(changed))
        return capture(place, *rest, **more)  # type: ignore[arg-type]  # passed on as they are

    monkeypatch.setattr("shared.directory_source.capture", meanwhile)
    assert sizes(whole) == {"done.csv": 100, "today.csv": 200}
    assert seen == [{"today.csv": 200}]


def test_the_first_backup_of_a_part_says_that_there_was_more(
    changed: ChangedFiles, whole: DirectorySource, local: LocalStore
) -> None:
    """And the whole one after it, that this is all."""
    assert backup(changed, local.provider, JOB).result == "partial"
    backup(whole, local.provider, JOB)
    assert [stored(local, number) for number in (1, 2)] == [
        {"today.csv"},
        {"done.csv", "today.csv"},
    ]
    partial = [read_manifest(local.provider, number).partial for number in (1, 2)]
    assert partial == [True, False]


def test_what_a_part_does_not_show_has_not_vanished(
    changed: ChangedFiles, whole: DirectorySource, local: LocalStore, data: Path
) -> None:
    """It is carried over, without a word."""
    backup(whole, local.provider, JOB)
    write(data, "today.csv", rows(300), AHEAD)
    report = backup(changed, local.provider, JOB)
    assert (report.result, report.vanished, report.warnings) == ("created", [], [])
    assert stored(local, 2) == {"done.csv", "today.csv"}
    assert not read_manifest(local.provider, 2).partial


def test_a_part_without_any_file_is_no_sign_of_a_wrong_directory(
    whole: DirectorySource, local: LocalStore
) -> None:
    """Nothing changed, and nothing is stored."""
    backup(whole, local.provider, JOB)
    never = ChangedFiles(whole, time_ns() + 120 * MINUTE_NS)
    report = backup(never, local.provider, JOB)
    assert (report.result, report.warnings) == ("nothing new", [])
    assert numbers(local.provider) == [1]


def test_what_waits_for_the_rest_of_a_long_file_stays_named(
    changed: ChangedFiles, local: LocalStore, data: Path
) -> None:
    """Else a prune would take the chunks that a hurried backup has brought."""
    state = b'["' + noise(9 * MIB).hex().encode() + b'"]'
    write(data, "state.json", state)
    hurried_backup(data, local.provider, 3)
    before = read_manifest(local.provider, 1)
    write(data, "today.csv", rows(300), AHEAD)
    backup(changed, local.provider, JOB)
    after = read_manifest(local.provider, 2)
    assert before.staged
    assert (after.staged, after.partial) == (before.staged, True)
