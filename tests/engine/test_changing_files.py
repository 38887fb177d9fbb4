from pathlib import Path

import pytest

from engine.archives import (
    JOB,
    LocalStore,
    WatchedSource,
    back_up,
    entry,
    newest,
    noise,
    rows,
    write,
)
from shared import capture
from shared.backup import backup
from shared.chunk import digest
from shared.errors import Malformed


def test_a_file_that_changes_during_the_backup_is_tried_again(
    data: Path, local: LocalStore
) -> None:
    """A newer snapshot shows it as it is now, and that is what the backup holds."""
    write(data, "a.csv", noise(2000))
    write(data, "steady.csv", rows(1000))
    source = WatchedSource(data)

    def rewrite_once(path: str) -> None:
        if path == "a.csv" and source.snapshots == 1:
            write(data, "a.csv", noise(3000, "new"), hours_ago=0)

    source.before_read = rewrite_once
    report = backup(source, local.provider, JOB)
    assert (report.changed, report.number, source.snapshots) == ({}, 1, 2)
    assert entry(newest(local.provider), "a.csv").digests == (digest(noise(3000, "new")),)
    assert [path for path, _, _ in source.reads].count("steady.csv") == 1


def test_a_file_that_another_reader_saw_shorter_is_tried_again(
    data: Path, local: LocalStore
) -> None:
    """Two backups at once share the logger's newest snapshot; the other's may be newer."""
    write(data, "a.csv", noise(3000))
    source = WatchedSource(data)

    def shorten_once(_path: str) -> None:
        if source.snapshots == 1:
            write(data, "a.csv", noise(1000, "new"), hours_ago=0)
            source.snapshot()

    source.before_read = shorten_once
    report = backup(source, local.provider, JOB)
    assert (report.changed, report.number) == ({}, 1)
    assert entry(newest(local.provider), "a.csv").digests == (digest(noise(1000, "new")),)


def test_two_backups_at_once_do_not_take_each_others_files_away(
    data: Path, local: LocalStore
) -> None:
    """Each is given what its own snapshot showed, though the other's came in between."""
    place = write(data, "state.json", b'{"number": 0}', hours_ago=0)
    source = WatchedSource(data)

    def look_again(_path: str) -> None:
        place.write_bytes(b'{"number": %d}' % source.snapshots)
        source.snapshot()

    source.before_read = look_again
    report = backup(source, local.provider, JOB)
    assert (report.changed, report.number) == ({}, 1)
    assert source.snapshots == 2
    assert entry(newest(local.provider), "state.json").digests == (digest(b'{"number": 0}'),)


def _rewritten_before_each_read(data: Path) -> WatchedSource:
    """`a.csv` never holds still between a snapshot and the reading of its bytes."""
    source = WatchedSource(data)

    def rewrite(path: str) -> None:
        if path == "a.csv":
            write(data, "a.csv", noise(2000, str(source.snapshots)), hours_ago=0)

    source.before_read = rewrite
    return source


def test_a_file_that_is_rewritten_all_the_time_is_backed_up(data: Path, local: LocalStore) -> None:
    """Once it has been seen rewritten, what a newer snapshot shows is a copy that holds still."""
    write(data, "a.csv", noise(2000))
    source = _rewritten_before_each_read(data)
    report = backup(source, local.provider, JOB)
    assert (report.changed, report.warnings, source.snapshots) == ({}, [], 2)
    assert entry(newest(local.provider), "a.csv").digests == (digest(noise(2000, "1")),)


def test_a_file_that_never_holds_still_stays_as_archived(
    data: Path, local: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One too large to copy: the rest is backed up, and the report says what was wrong."""
    monkeypatch.setattr(capture, "LARGEST_COPY", 100)
    write(data, "a.csv", rows(1000))
    back_up(data, local.provider)
    write(data, "a.csv", noise(2000))
    write(data, "b.csv", rows(10))
    report = backup(_rewritten_before_each_read(data), local.provider, JOB)
    manifest = newest(local.provider)
    assert list(report.changed) == ["a.csv"]
    assert "a.csv did not come as it was announced" in report.warnings[0]
    assert manifest.warnings == tuple(report.warnings)
    assert [file.path for file in manifest.files] == ["a.csv", "b.csv"]
    assert entry(manifest, "a.csv").digests == (digest(rows(1000)),)


def test_a_source_that_lies_about_its_bytes_changes_nothing(data: Path, local: LocalStore) -> None:
    """Bytes that do not hash to what was announced are never stored (rule 7)."""
    write(data, "a.csv", noise(2000))

    class Liar(WatchedSource):
        def read(self, path: str, offset: int, length: int, chunk: str = "") -> bytes:
            frame = super().read(path, offset, length, chunk)
            return frame[:100] + b"\0" + frame[101:]

    report = backup(Liar(data), local.provider, JOB)
    assert list(report.changed) == ["a.csv"]
    assert local.objects() == {}


def test_a_source_that_answers_nonsense_is_told_of(data: Path, local: LocalStore) -> None:
    """A snapshot that is not one ends the backup; nothing is written."""

    class Nonsense(WatchedSource):
        def snapshot(self) -> None:  # type: ignore[override]  # it never returns
            raise Malformed("it is not a snapshot")

    with pytest.raises(Malformed, match="not a snapshot"):
        backup(Nonsense(data), local.provider, JOB)
    assert local.objects() == {}
