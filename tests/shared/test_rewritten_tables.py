from pathlib import Path
from typing import BinaryIO

import pytest

from shared import still_copy
from shared.capture import Captured, capture
from shared.chunk import CHUNK_SIZE, digest
from shared.plain_file import read_exactly

HEADER = b"time,price\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table of two rows."""
    place = tmp_path / "last_hour.csv"
    place.write_bytes(HEADER + b"1,73000\n2,73001\n")
    return place


def _take(place: Path, before: Captured | None = None) -> Captured:
    return capture(place, place.parent / "copies", before, appended=False)


@pytest.mark.parametrize(
    "now", [b"2,73001\n3,73002\n", b"2,73001\n", b"2,73001\n3,73002\n4,73003\n", b""]
)
def test_a_table_that_was_rewritten_is_copied(table: Path, now: bytes) -> None:
    """As long, shorter or longer: what was announced can be had though it is rewritten again."""
    before = _take(table)
    table.write_bytes(HEADER + now)
    captured = _take(table, before)
    table.write_bytes(HEADER + b"5,73004\n")
    assert captured.is_copy
    assert captured.place.read_bytes() == HEADER + now


def test_a_table_that_has_grown_is_not_copied(table: Path) -> None:
    """Nor one that was only touched, nor one that goes on growing after it was rewritten."""
    before = _take(table)
    with table.open("ab") as file:
        file.write(b"3,73002\n")
    grown = _take(table, before)
    table.touch()
    touched = _take(table, grown)
    table.write_bytes(HEADER + b"9,73009\n")
    rewritten = _take(table, touched)
    with table.open("ab") as file:
        file.write(b"10,73010\n")
    goes_on = _take(table, rewritten)
    states = [one.is_copy for one in (before, grown, touched, rewritten, goes_on)]
    assert states == [False, False, False, True, False]


def test_a_table_that_grows_too_fast_to_be_copied_is_taken_where_it_lies(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was rewritten, and then has a new row whenever it is looked at: its beginning holds."""
    before = _take(table)
    table.write_bytes(HEADER + b"9,73009\n")

    def growing(file: BinaryIO, offset: int, length: int) -> bytes:
        with table.open("ab") as more:
            more.write(b"10,73010\n")
        return read_exactly(file, offset, length)

    monkeypatch.setattr(still_copy, "read_exactly", growing)
    monkeypatch.setattr(still_copy, "PATIENCE_SECONDS", -1.0)
    captured = _take(table, before)
    assert (captured.is_copy, captured.place, captured.warning) == (False, table, "")
    assert captured.digests == (digest(HEADER + b"9,73009\n"),)
    assert list((table.parent / "copies").iterdir()) == []


def test_a_large_table_is_compared_chunk_by_chunk(table: Path) -> None:
    """A row that changed in its first chunk tells, though its last chunk is the same."""
    content = bytearray(HEADER + b"1,73000\n" * (CHUNK_SIZE // 8))
    table.write_bytes(content)
    before = _take(table)
    content[len(HEADER)] = ord("7")
    table.write_bytes(content + b"more\n")
    assert _take(table, before).is_copy
