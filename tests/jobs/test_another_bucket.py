"""The move to another bucket that docs/google.md shows, and why it does not end with a copy."""

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from documentation.shown_commands import shown_commands
from emulators.storage import StorageFake
from engine.archives import JOB, append, rows, write
from job_processes import run_job, running_logger
from jobs.own_archive import restored
from processes import ROOT
from shared.backup import backup
from shared.directory_source import DirectorySource, Identity
from shared.gcs_provider import GcsProvider
from shared.names import manifest_name
from shared.selection import Selection

OLD, NEW, SERVICE = "your-old-bucket", "your-btc-data-bucket", "btc-logger"
OLD_FILE, NEW_FILE = "BTC-USD/day.0000000a.csv", "BTC-USD/day.0000000b.csv"
OLD_ROWS, NEW_ROWS = rows(5000), rows(900, start=60)


@pytest.fixture
def storage() -> Iterator[StorageFake]:
    """With both buckets."""
    with StorageFake([OLD, NEW]) as fake:
        yield fake


def push(data: Path, bucket: str) -> int | None:
    """What an instance stores of its disk: the backup's number."""
    source = DirectorySource(data, Selection(), Identity(SERVICE, data.name))
    return backup(source, GcsProvider(bucket, SERVICE), JOB).number


def copy(storage: StorageFake) -> None:
    """As `gcloud storage cp --no-clobber` does."""
    for name, content in storage.objects(OLD).items():
        if name not in storage.objects(NEW):
            storage.plant(NEW, name, content)


@pytest.fixture
def new(
    storage: StorageFake, restore_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The new instance's disk, when both instances have stored their second backup, each its own.

    The old one has its last rows in the old bucket alone.
    """
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", storage.url)
    old, new = tmp_path / "old", tmp_path / "new"
    write(old, OLD_FILE, OLD_ROWS[:2000])
    push(old, OLD)
    copy(storage)
    assert restore(restore_folder, new, storage, NEW) == 0
    append(old, OLD_FILE, OLD_ROWS[2000:])
    write(new, NEW_FILE, NEW_ROWS)
    assert push(old, OLD) == push(new, NEW) == 2
    return new


def restore(folder: Path, data: Path, storage: StorageFake, bucket: str, *words: str) -> int:
    """The restore job's exit code."""
    told = {
        "DATA_DIR": str(data),
        "LOCAL_BACKUP_DIR": str(data.parent / "local"),
        "GCS_BUCKET_NAME": bucket,
        "STORAGE_EMULATOR_HOST": storage.url,
    }
    return run_job(folder, "main.py", *words, settings=told).returncode


def stored(tmp_path: Path) -> dict[str, bytes]:
    """What a restore from the new bucket brings."""
    return restored(GcsProvider(NEW, SERVICE), tmp_path / "then")


def test_a_second_copy_leaves_the_last_rows_out_in_silence(
    storage: StorageFake, new: Path, tmp_path: Path
) -> None:
    """The manifest that names them has the number of another one."""
    copy(storage)
    second = f"{SERVICE}/{manifest_name(2)}"
    assert storage.objects(NEW)[second] != storage.objects(OLD)[second]
    push(new, NEW)
    assert stored(tmp_path)[OLD_FILE] == OLD_ROWS[:2000]


def test_a_restore_from_the_old_bucket_brings_every_row_into_the_new_one(
    storage: StorageFake, new: Path, logger_folder: Path, restore_folder: Path, tmp_path: Path
) -> None:
    """By the command of the page, beside the logger that runs; the next backup has them."""
    (shown,) = (one.text for one in shown_commands(ROOT) if "restore_job/main.py" in one.text)
    variable, python, program, *words = shlex.split(shown)
    assert (variable, python) == (f"GCS_BUCKET_NAME={OLD}", "python")
    assert (ROOT / program).is_file()
    with running_logger(logger_folder, new, CATCH_UP_SECONDS="3600"):
        assert restore(restore_folder, new, storage, OLD, *words) == 0
        push(new, NEW)
    found = stored(tmp_path)
    assert (found[OLD_FILE], found[NEW_FILE]) == (OLD_ROWS, NEW_ROWS)
