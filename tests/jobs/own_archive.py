"""What a logger's own backups hold, and whether they are sound, wherever they are kept."""

from pathlib import Path

import pytest

from emulators.storage import StorageFake
from engine.archives import SERVICE, contents
from job_processes import own_backups
from shared.gcs_provider import GcsProvider
from shared.history import numbers, read_manifest
from shared.local_provider import LocalProvider
from shared.names import chunk_name
from shared.provider import Reader
from shared.restore import Options, restore


def local_archive(data: Path) -> Reader:
    """The local backups of a test's logger."""
    return LocalProvider(own_backups(data) / SERVICE)


def bucket_archive(storage: StorageFake, monkeypatch: pytest.MonkeyPatch) -> Reader:
    """The bucket that `in_bucket` leads a logger to."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", storage.url)
    return GcsProvider("bucket", SERVICE)


def in_bucket(storage: StorageFake) -> dict[str, str]:
    """A logger's settings."""
    return {"GCS_BUCKET_NAME": "bucket", "STORAGE_EMULATOR_HOST": storage.url}


def reasons(reader: Reader) -> list[str]:
    """Why each backup was made, the oldest first."""
    return [read_manifest(reader, number).reason for number in numbers(reader)]


def restored(reader: Reader, to: Path) -> dict[str, bytes]:
    """The files of the newest backup; every backup names only chunks that are there."""
    for number in numbers(reader):
        for ref in read_manifest(reader, number).refs().values():
            reader.stat(chunk_name(ref))
    to.mkdir()
    receipt = restore([reader], SERVICE, to, Options())
    assert (receipt.problems, receipt.unreadable) == ({}, ())
    return contents(to)
