import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import time_ns

import pytest

from engine.archives import (
    JOB,
    MIB,
    SERVICE,
    LocalStore,
    Store,
    WatchedProvider,
    WatchedSource,
    append,
    back_up,
    contents,
    entry,
    first_chunk,
    newest,
    noise,
    rows,
    touch,
    write,
)
from shared import backup as backup_module
from shared.backup import backup
from shared.chunk import digest
from shared.document import encode
from shared.errors import SourceRefused, StorageError, StorageUnavailable
from shared.history import numbers
from shared.names import manifest_name


def test_the_first_backup_holds_every_file(data: Path, store: Store) -> None:
    """Number 1 names each file, its size and its chunks, and says who wrote it and why."""
    write(data, "BTC-USD/2026-11-21.csv", rows(50_000))
    write(data, "state.json", b'{"rows": 1}')
    write(data, "empty.csv", b"")
    report = back_up(data, store.provider)
    manifest = newest(store.provider)
    assert (report.result, report.number, manifest.number) == ("created", 1, 1)
    assert {file.path: file.size for file in manifest.files} == {
        "BTC-USD/2026-11-21.csv": 50_000,
        "empty.csv": 0,
        "state.json": 11,
    }
    assert entry(manifest, "state.json").digests == (digest(b'{"rows": 1}'),)
    assert (manifest.service, manifest.reason, manifest.by) == (SERVICE, "manual", JOB.by)
    assert manifest.snapshot.instance == "instance-1"
    assert not manifest.partial


def test_nothing_new_writes_nothing(data: Path, store: Store) -> None:
    """A second backup of the same files, their times apart, stores no object."""
    place = write(data, "a.csv", rows(1000))
    back_up(data, store.provider)
    before = store.objects()
    touch(place, hours_ago=0)
    report = back_up(data, store.provider)
    assert (report.result, report.number, report.new_bytes) == ("nothing new", 1, 0)
    assert "put" not in report.operations
    assert store.objects() == before


def test_an_empty_logger_makes_no_backup(data: Path, local: LocalStore) -> None:
    """There is nothing to name, so there is no manifest, and no error either."""
    report = back_up(data, local.provider)
    assert (report.result, report.number, report.created_at) == ("nothing new", 0, "")
    assert not local.directory.exists()


def test_the_manifest_comes_last(data: Path, local: LocalStore) -> None:
    """Every chunk is stored before the manifest that names it (rule 1)."""
    for number in range(8):
        write(data, f"{number}.csv", noise(1000, str(number)))
    provider = WatchedProvider(local.provider)
    backup(WatchedSource(data), provider, JOB)
    assert provider.puts.index(manifest_name(1)) == len(provider.puts) - 1 == 8


@pytest.mark.parametrize("failing", range(3))
def test_no_manifest_names_a_chunk_that_was_not_stored(
    data: Path, local: LocalStore, failing: int
) -> None:
    """Whichever chunk fails, there is no backup; the next run makes it (rule 1)."""
    for number in range(3):
        write(data, f"{number}.csv", noise(1000, str(number)))
    provider = WatchedProvider(local.provider)
    wanted = digest(noise(1000, str(failing)))

    def fail(name: str) -> None:
        if wanted in name:
            raise StorageUnavailable("no answer", name=name)

    provider.before_put = fail
    with pytest.raises(StorageUnavailable, match="no answer"):
        backup(WatchedSource(data), provider, JOB)
    assert numbers(local.provider) == []
    assert back_up(data, local.provider).number == 1


def test_the_report_counts_what_was_done(data: Path, local: LocalStore) -> None:
    """New bytes are raw ones, stored bytes are the frames'; each list names paths."""
    write(data, "grows.csv", rows(100_000))
    write(data, "vanishes.csv", rows(500))
    write(data, "rewritten.csv", rows(700))
    back_up(data, local.provider)
    append(data, "grows.csv", rows(2000, start=5000))
    (data / "vanishes.csv").unlink()
    write(data, "rewritten.csv", noise(300), hours_ago=0)
    before = local.objects()
    report = back_up(data, local.provider)
    added = {name: data for name, data in local.objects().items() if name not in before}
    frames = sum(len(data) for name, data in added.items() if name.startswith("chunks/"))
    assert (report.files, report.raw_bytes) == (3, 102_000 + 500 + 300)
    assert (report.new_bytes, report.stored_bytes) == (2000 + 300, frames)
    assert report.operations["put"] == len(added) == 3
    assert (report.vanished, report.rewritten, report.changed) == (
        ["vanishes.csv"],
        ["rewritten.csv"],
        {},
    )
    assert report.provider == str(local.directory)
    assert json.loads(json.dumps(report.as_dict())) == asdict(report)


def test_an_emptied_data_directory_removes_nothing(data: Path, store: Store) -> None:
    """A wiped logger cannot push its history out; the report names what is gone (rule 4)."""
    write(data, "a.csv", rows(1000))
    write(data, "b/c.csv", rows(2000))
    back_up(data, store.provider)
    for path in contents(data):
        (data / path).unlink()
    report = back_up(data, store.provider)
    assert (report.result, report.files, report.raw_bytes) == ("nothing new", 2, 3000)
    assert report.vanished == ["a.csv", "b/c.csv"]
    write(data, "new.csv", rows(10))
    assert back_up(data, store.provider).number == 2
    held = [file.path for file in newest(store.provider).files]
    assert held == ["a.csv", "b/c.csv", "new.csv"]


def test_a_snapshot_of_another_service_is_refused(data: Path, local: LocalStore) -> None:
    """A wrong SNAPSHOT_URL must not mix two histories."""
    write(data, "a.csv", rows(10))
    with pytest.raises(SourceRefused, match="'other-logger', 'btc-logger' expected"):
        backup(WatchedSource(data, service="other-logger"), local.provider, JOB)
    assert not local.directory.exists()


def test_a_snapshot_that_names_another_archive_is_warned_of(data: Path, store: Store) -> None:
    """The logger would restore from elsewhere; a local directory's name says nothing of that."""
    write(data, "a.csv", rows(10))
    source = WatchedSource(data, archive="gs://elsewhere/btc-logger")
    report = backup(source, store.provider, JOB)
    expected = "the logger restores from gs://elsewhere/btc-logger, not gs://btc/btc-logger"
    assert report.warnings == ([expected] if store.provider.kind == "gcs" else [])


def test_a_rewritten_csv_keeps_both_versions(data: Path, local: LocalStore) -> None:
    """The newer one is current, the other moves to the earlier ones with the number."""
    write(data, "a.csv", rows(1000), hours_ago=2)
    back_up(data, local.provider)
    write(data, "a.csv", noise(400), hours_ago=1)
    assert back_up(data, local.provider).rewritten == ["a.csv"]
    kept = entry(newest(local.provider), "a.csv")
    assert (kept.size, [one.size for one in kept.earlier]) == (400, [1000])
    assert kept.earlier[0].replaced_in == 2


def test_an_older_version_does_not_become_current(data: Path, local: LocalStore) -> None:
    """A logger that shows an old file adds it beside the newer one."""
    write(data, "a.csv", rows(1000), hours_ago=1)
    back_up(data, local.provider)
    write(data, "a.csv", noise(400), hours_ago=2)
    back_up(data, local.provider)
    kept = entry(newest(local.provider), "a.csv")
    assert (kept.size, [one.size for one in kept.earlier]) == (1000, [400])


def test_a_rewritten_json_keeps_the_newest_and_the_largest(data: Path, local: LocalStore) -> None:
    """A state file that changes all the time does not fill the archive."""
    for hours_ago, size in ((5, 200), (4, 900), (3, 300), (2, 100)):
        write(data, "state.json", b'"%s"' % (b"x" * (size - 2)), hours_ago)
        back_up(data, local.provider)
    kept = entry(newest(local.provider), "state.json")
    assert (kept.size, [one.size for one in kept.earlier]) == (100, [900])


def test_unknown_fields_are_carried_over(data: Path, local: LocalStore) -> None:
    """What a newer version wrote, an older one keeps: in the document and in each entry."""
    write(data, "a.csv", rows(1000))
    write(data, "b.csv", rows(500))
    back_up(data, local.provider)
    document = json.loads(local.objects()[manifest_name(1)])
    document["colour"] = {"of": "the future"}
    document["files"][0]["colour"] = "red"
    document["files"][1]["colour"] = "blue"
    local.plant(manifest_name(1), json.dumps(document).encode())
    append(data, "a.csv", rows(10))
    back_up(data, local.provider)
    carried = json.loads(local.objects()[manifest_name(2)])
    assert carried["colour"] == {"of": "the future"}
    assert [file["colour"] for file in carried["files"]] == ["red", "blue"]


def test_a_time_in_the_future_counts_as_now(data: Path, local: LocalStore) -> None:
    """Otherwise a wrong clock's file would win against every later one."""
    write(data, "a.csv", rows(1000), hours_ago=-48)
    before = time_ns()
    back_up(data, local.provider)
    assert before <= entry(newest(local.provider), "a.csv").mtime_ns <= time_ns()
    write(data, "a.csv", noise(10), hours_ago=0)
    back_up(data, local.provider)
    assert entry(newest(local.provider), "a.csv").size == 10


def test_numbers_are_one_line(data: Path, local: LocalStore) -> None:
    """1, 2, 3: each backup that has news takes the next number, the others take none."""
    made = []
    for step in range(6):
        if step % 2 == 0:
            write(data, f"{step}.csv", rows(100, step))
        made.append(back_up(data, local.provider).number)
    assert made == [1, 1, 2, 2, 3, 3]
    assert numbers(local.provider) == [1, 2, 3]


def test_the_newest_files_go_first(data: Path, local: LocalStore) -> None:
    """A backup that is cut off by a dying logger has stored what exists nowhere else."""
    for number, hours_ago in enumerate([3, 1, 2]):
        write(data, f"{number}.csv", noise(100, str(number)), hours_ago)
    source = WatchedSource(data)
    backup(source, local.provider, JOB, threads=1)
    assert [path for path, _, _ in source.reads] == ["1.csv", "2.csv", "0.csv"]


def test_chunks_are_shared_by_equal_files(data: Path, local: LocalStore) -> None:
    """Equal bytes are fetched and stored once."""
    for path in ("a.csv", "b.csv"):
        write(data, path, noise(5 * MIB))
    source = WatchedSource(data)
    report = backup(source, local.provider, JOB)
    assert source.fetched == report.new_bytes == 5 * MIB
    manifest = newest(local.provider)
    assert first_chunk(manifest, "a.csv", 1) == first_chunk(manifest, "b.csv", 1)


def test_an_old_small_state_is_not_fetched_again_and_again(data: Path, local: LocalStore) -> None:
    """The archive has a newer one and a larger earlier one: a merge would keep nothing of it."""
    for size, hours in ((900, 3), (500, 1), (200, 2)):
        write(data, "state.json", json.dumps("x" * size).encode(), hours)
        report = back_up(data, local.provider)
    assert (report.result, report.new_bytes) == ("nothing new", 0)


def test_a_manifest_that_nobody_could_read_is_not_written(
    data: Path, local: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Readers take so much and no more: the next backup could not build on it."""
    monkeypatch.setattr(backup_module, "LARGEST_DOCUMENT", 300)
    write(data, "a.csv", rows(100))
    with pytest.raises(StorageError, match="backup 1 would have a manifest of") as caught:
        back_up(data, local.provider)
    assert "BACKUP_EXCLUDE" in caught.value.hint
    assert numbers(local.provider) == []


def test_a_forgotten_path_stays_forgotten(data: Path, local: LocalStore) -> None:
    """A logger that still has the file does not bring it back, and it is not fetched again."""
    write(data, "secret.csv", rows(1000))
    write(data, "a.csv", rows(2000))
    back_up(data, local.provider)
    at = datetime.now(UTC) - timedelta(hours=1)
    act = {"path": "secret.csv", "by": "operator", "why": "asked to", "at": at.isoformat()}
    manifest = newest(local.provider)
    forgotten = {
        **manifest.model_dump(),
        "number": 2,
        "files": [entry(manifest, "a.csv")],
        "forgotten": [act],
    }
    local.plant(manifest_name(2), encode(manifest.model_validate(forgotten)))
    append(data, "a.csv", rows(10))
    append(data, "secret.csv", rows(10))
    source = WatchedSource(data)
    report = backup(source, local.provider, JOB)
    after = newest(local.provider)
    assert (report.number, [file.path for file in after.files]) == (3, ["a.csv"])
    assert [one.path for one in after.forgotten] == ["secret.csv"]
    assert [path for path, _, _ in source.reads] == ["a.csv"]
