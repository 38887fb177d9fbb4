"""What a key that may create objects, or a stray hand, can put there: it destroys nothing."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.archives import (
    JOB,
    SERVICE,
    BucketStore,
    Store,
    WatchedSource,
    back_up,
    bring_back,
    contents,
    newest,
    rows,
    write,
)
from shared.backup import backup
from shared.chunk import CHUNK_SIZE
from shared.drill import drill
from shared.names import BACKUPS, CHUNKS, DRILLS, SCRATCH, manifest_name
from shared.prune import PruneReport, Retention, prune
from shared.receipt import Outcome
from shared.restore import Options
from shared.status import status


def plant(store: Store, number: int, change: dict[str, Any]) -> None:
    """A copy of the newest backup under this number, its first file changed."""
    document = json.loads(newest(store.provider).model_dump_json())
    document["number"] = number
    document["files"][0] |= change
    store.plant(manifest_name(number), json.dumps(document).encode())


def run(store: Store) -> PruneReport:
    """A prune that would keep only the newest backup."""
    return prune(store.provider, SERVICE, Retention(keep_last=1, keep_daily=1))


def stored_chunks(store: Store) -> set[str]:
    """The names of the chunks that are there."""
    return {name for name in store.objects() if name.startswith(CHUNKS)}


@pytest.fixture
def planted(data: Path, store: Store) -> Store:
    """A good backup, and one that names the same bytes by chunks that never were."""
    write(data, "a.csv", rows(500))
    back_up(data, store.provider)
    (ref,) = newest(store.provider).files[0].chunks
    plant(store, 2, {"chunks": [f"{ref}.deadbeef"]})
    store.age(hours=30)
    return store


def test_false_names_of_chunks_hide_nothing(planted: Store, tmp_path: Path, data: Path) -> None:
    """The chunk is read by any other name that it has."""
    receipt = bring_back(tmp_path / "back", planted.provider)
    assert receipt.outcome == Outcome.RESTORED
    assert contents(tmp_path / "back") == contents(data)


def test_false_names_of_chunks_are_found_and_mended(planted: Store, data: Path) -> None:
    """From storage itself: the logger may have been wiped by then."""
    found = drill([planted.provider], SERVICE)
    assert (found.passed, list(found.lost)) == (False, ["a.csv"])
    (data / "a.csv").unlink()
    job = replace(JOB, lost=frozenset(found.lost_chunks))
    report = backup(WatchedSource(data), planted.provider, job)
    assert "stored again, of: a.csv" in report.warnings[-1]
    assert drill([planted.provider], SERVICE).passed
    assert back_up(data, planted.provider).result == "nothing new"


def test_a_backup_that_names_missing_chunks_lets_nothing_go(planted: Store) -> None:
    """Neither the backup whose content it claims to hold nor any chunk."""
    before = stored_chunks(planted)
    report = run(planted)
    assert (report.kept, report.dropped) == ([1, 2], [])
    assert report.warnings[0] == "backup 1 stays: the newest lacks a.csv"
    assert "no chunk was deleted: 1 that kept backups name are missing" in report.warnings[1]
    assert stored_chunks(planted) == before


def test_an_invented_earlier_version_lets_nothing_go(data: Path, store: Store) -> None:
    """Of a JSON one larger earlier version is enough, if it is there."""
    write(data, "state.json", b'{"real": true}')
    back_up(data, store.provider)
    invented = {"size": CHUNK_SIZE, "mtime_ns": 1, "chunks": ["0" * 64], "replaced_in": 2}
    false = {"size": 0, "chunks": [], "earlier": [invented]}
    plant(store, 2, false)
    store.age(hours=30)
    before = stored_chunks(store)
    report = run(store)
    assert (report.kept, report.warnings[0]) == (
        [1, 2],
        "backup 1 stays: the newest lacks state.json",
    )
    assert stored_chunks(store) == before


def test_an_invented_longer_version_buries_nothing(
    data: Path, store: Store, tmp_path: Path
) -> None:
    """Its chunk never was, so nothing proves that it continues the real one."""
    write(data, "state.json", b'{"a": 1}')
    back_up(data, store.provider)
    plant(store, 2, {"size": 50, "chunks": ["ab" * 32]})
    (data / "state.json").unlink()
    write(data, "other.csv", rows(10))
    report = back_up(data, store.provider)
    assert "nothing proves that backup 2 has what 1 held of: state.json" in report.warnings[0]
    bring_back(tmp_path / "back", store.provider, options=Options(earlier=True))
    assert b'{"a": 1}' in contents(tmp_path / "back").values()


@pytest.mark.parametrize("name", [f"{DRILLS}notes.txt", f"{SCRATCH}Some_File.txt"])
def test_objects_with_other_names_are_passed_over(data: Path, store: Store, name: str) -> None:
    """People put notes anywhere."""
    write(data, "a.csv", rows(500))
    back_up(data, store.provider)
    store.plant(name, b"a note", hours_ago=1000)
    assert status(store.provider, SERVICE).newest == 1
    assert run(store).kept == [1]
    assert store.objects()[name] == b"a note"


def test_the_empty_object_of_a_folder_is_passed_over(data: Path, bucket: BucketStore) -> None:
    """A console makes one when a person makes a folder."""
    for folder in (BACKUPS, CHUNKS, DRILLS, SCRATCH):
        bucket.plant(folder, b"", hours_ago=1000)
    write(data, "a.csv", rows(500))
    assert back_up(data, bucket.provider).number == 1
    assert status(bucket.provider, SERVICE).newest == 1
    assert run(bucket).kept == [1]
