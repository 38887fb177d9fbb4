from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from time import time_ns
from typing import BinaryIO

import pytest

from shared import plain_file, still_copy
from shared.capture import Captured, capture
from shared.plain_file import read_exactly

BEGUN = b"row 1\nro"


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    """A table whose last row is half written."""
    place = tmp_path / "a.csv"
    place.write_bytes(BEGUN)
    return place


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Longer than any test takes."""
    monkeypatch.setattr(plain_file, "ROW_PATIENCE_SECONDS", 30.0)


def take(place: Path) -> Captured:
    """Capture a file that others write to."""
    return capture(place, place.parent / "copies", None, appended=False)


def instead_of_sleeping(monkeypatch: pytest.MonkeyPatch, work: Callable[[], object]) -> None:
    """Let another writer do something whenever there is a pause."""
    for module in (plain_file, still_copy):
        monkeypatch.setattr(module, "sleep", lambda _: work())


@pytest.mark.usefixtures("patience")
def test_the_end_of_a_row_is_waited_for(csv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even what is appended with one call appears page by page."""
    instead_of_sleeping(monkeypatch, lambda: csv.write_bytes(b"row 1\nrow 2\n"))
    captured = take(csv)
    assert captured.digests == (sha256(b"row 1\nrow 2\n").hexdigest(),)
    assert not captured.is_copy


@pytest.mark.usefixtures("patience")
def test_the_end_of_a_row_is_waited_for_in_a_table_that_is_copied(
    csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Because it was rewritten while it was read, as far as half a row."""
    csv.write_bytes(b"row 0\n")
    pending = [BEGUN]

    def disturbed(file: BinaryIO, offset: int, length: int) -> bytes:
        raw = read_exactly(file, offset, length)
        if pending:
            csv.write_bytes(pending.pop())
        return raw

    monkeypatch.setattr(still_copy, "read_exactly", disturbed)
    instead_of_sleeping(monkeypatch, lambda: csv.write_bytes(b"row 1\nrow 2\n"))
    captured = take(csv)
    assert captured.is_copy
    assert captured.place.read_bytes() == b"row 1\nrow 2\n"


def test_a_row_that_never_ends_is_taken_as_it_is(csv: Path) -> None:
    """It may be all there is to come: nothing is left out for it."""
    assert take(csv).digests == (sha256(BEGUN).hexdigest(),)


@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize(("name", "content"), [("a.csv", b""), ("a.csv", b"1\n"), ("a.txt", b"1")])
def test_nothing_else_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes
) -> None:
    """An empty table, one of whole rows, and what is no table."""
    monkeypatch.delattr(plain_file, "sleep")
    (tmp_path / name).write_bytes(content)
    assert take(tmp_path / name).state.size == len(content)


@pytest.mark.usefixtures("patience")
def test_a_half_row_that_is_old_is_not_waited_for(
    csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is writing it."""
    monkeypatch.delattr(plain_file, "sleep")
    monkeypatch.setattr(plain_file, "time_ns", lambda: time_ns() + 2 * plain_file.SETTLED_NS)
    assert take(csv).state.size == len(BEGUN)
