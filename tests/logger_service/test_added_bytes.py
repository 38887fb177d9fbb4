"""What a backup added is told by its manifest and the one before, and agrees with what was sent."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.archives import write
from shared.backup import Job, backup
from shared.directory_source import DirectorySource, Identity
from shared.format import FileEntry, Writer
from shared.history import read_manifest
from shared.local_provider import LocalProvider
from shared.selection import Selection
from watching.added_bytes import added_bytes

CHUNK = 4 * 1024 * 1024
FIRST = b"ts_utc,price\n2026-11-22T20:30:00.000Z,1\n"
MORE = b"2026-11-22T20:30:05.000Z,2\n"
OTHER = b"ts_utc,price\n2027-01-01T00:00:00.000Z,3\n2027-01-01T00:00:05.000Z,4\n"


class Told:
    """Backups of one directory: what each one sent, and what its manifest tells."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        identity = Identity("btc-logger", "ab12", None)
        self._source = DirectorySource(self.data, Selection(("*.csv", "*.json"), ()), identity)
        self._store = LocalProvider(folder / "backups")
        self._before: dict[str, FileEntry] = {}

    def back_up(self) -> tuple[int, int]:
        """The bytes that were sent as new, and those that are told."""
        job = Job("btc-logger", "manual", Writer(job="logger", instance="ab12"))
        report = backup(self._source, self._store, job)
        files = {one.path: one for one in read_manifest(self._store, report.number).files}
        told = added_bytes(files, self._before)
        self._before = files
        return report.new_bytes, told


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """Of a directory with one table, which is backed up."""
    told = Told(tmp_path)
    write(told.data, "day.csv", FIRST)
    assert told.back_up() == (len(FIRST), len(FIRST))
    return told


def test_a_file_that_grew_adds_what_it_grew_by(told: Told) -> None:
    """Although its last chunk is stored anew."""
    write(told.data, "day.csv", FIRST + MORE)
    assert told.back_up() == (len(MORE), len(MORE))


@pytest.mark.parametrize("sizes", [(CHUNK, CHUNK + 100), (CHUNK - 7, 2 * CHUNK + 9)])
def test_a_file_that_grew_over_chunks(told: Told, sizes: Sequence[int]) -> None:
    """Nothing of what was there before counts again."""
    before, after = (bytes(n % 251 + 1 for n in range(1000)) * (size // 1000 + 1) for size in sizes)
    write(told.data, "long.csv", before[: sizes[0]])
    told.back_up()
    write(told.data, "long.csv", after[: sizes[1]])
    assert told.back_up()[1] == sizes[1] - sizes[0]


def test_a_new_file_adds_all_of_it(told: Told) -> None:
    """And one that is gone from the disk, nothing."""
    (told.data / "day.csv").unlink()
    write(told.data, "other.csv", OTHER)
    assert told.back_up() == (len(OTHER), len(OTHER))


def test_a_table_that_was_rewritten_adds_its_new_version(told: Told) -> None:
    """The one before is kept beside it, and is not new."""
    write(told.data, "day.csv", OTHER)
    assert told.back_up() == (len(OTHER), len(OTHER))


def test_a_json_that_was_rewritten_adds_its_new_version(told: Told) -> None:
    """Whether it is longer than before or shorter."""
    for text in (b'{"a":1}', b'{"a":12}', b'{"b":2}'):
        write(told.data, "state.json", text)
        assert told.back_up() == (len(text), len(text))


def test_nothing_new_adds_nothing(told: Told) -> None:
    """A file beside it does."""
    write(told.data, "note.json", b"{}")
    assert told.back_up() == (2, 2)
