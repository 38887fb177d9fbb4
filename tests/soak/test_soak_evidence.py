"""What a soak reads without the engine is what the engine has stored, or it says that it is not."""

import json
from pathlib import Path

import pytest

from engine.archives import SERVICE, LocalStore, back_up, contents, rows, write
from job_processes import TOKEN, running_logger
from processes import copy_job
from shared.chunk import CHUNK_SIZE
from soak.evidence import Archive, Live, Unreadable

SMALL, LONG = "BTC-USD/2026-11-21.1a2b3c4d.csv", "BTC-USD/2026-11-22.1a2b3c4d.csv"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with recorders' files, one of two chunks, and another file."""
    write(tmp_path / "data", SMALL, rows(900))
    write(tmp_path / "data", LONG, rows(CHUNK_SIZE + 900))
    write(tmp_path / "data", "other.csv", b"not a recorder's\n")
    return tmp_path / "data"


@pytest.fixture
def objects(data: Path, tmp_path: Path) -> dict[str, bytes]:
    """What a bucket holds after two backups of it."""
    store = LocalStore(tmp_path / "store")
    back_up(data, store.provider)
    with (data / SMALL).open("ab") as file:
        file.write(rows(300))
    back_up(data, store.provider)
    return {f"{SERVICE}/{name}": content for name, content in store.objects().items()}


def recorded(data: Path) -> dict[str, bytes]:
    """The recorders' files as they are."""
    found = contents(data)
    return {path: found[path] for path in (SMALL, LONG)}


def test_an_archive_holds_what_was_backed_up(objects: dict[str, bytes], data: Path) -> None:
    """Of the recorders' files, by the newest manifest."""
    archive = Archive(SERVICE)
    assert archive.files(objects) == recorded(data)
    assert [taken.logger for taken in archive.covers] == ["instance-1"] * 2
    assert archive.covers[0].at < archive.covers[1].at


def test_a_partial_backup_covers_nothing(objects: dict[str, bytes]) -> None:
    """It may lack what was on the disk when it was taken."""
    name = f"{SERVICE}/backups/00000002.json"
    manifest = json.loads(objects[name]) | {"partial": True}
    archive = Archive(SERVICE)
    archive.files(objects | {name: json.dumps(manifest).encode()})
    assert len(archive.covers) == 1


def test_an_empty_bucket_holds_nothing() -> None:
    """That is no fault of it."""
    assert Archive(SERVICE).files({}) == {}


def test_a_chunk_that_is_gone_or_another_is_told(objects: dict[str, bytes]) -> None:
    """At whatever look it is missed."""
    name = next(name for name in objects if "/chunks/" in name)
    other = next(data for one, data in objects.items() if "/chunks/" in one and one != name)
    archive = Archive(SERVICE)
    with pytest.raises(Unreadable, match="digest"):
        archive.files(objects | {name: other})
    archive.files(objects)
    del objects[name]
    with pytest.raises(Unreadable, match="not there"):
        archive.files(objects)


def test_a_running_logger_shows_what_it_has(data: Path, tmp_path: Path) -> None:
    """Also of files that are longer than a chunk."""
    folder = copy_job("logger_service", tmp_path / "jobs")
    with running_logger(folder, data, BACKUP_EXCLUDE="????-??-??.0*") as logger:
        files = Live(logger.url, TOKEN).files()
        with pytest.raises(Unreadable, match="401"):
            Live(logger.url, "another").files()
    assert {path: files[path] for path in (SMALL, LONG)} == recorded(data)
    with pytest.raises(Unreadable, match="refused"):
        Live(logger.url, TOKEN).files()
