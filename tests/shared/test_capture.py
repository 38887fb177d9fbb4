import json
import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from time import time_ns
from typing import BinaryIO

import pytest

from shared import capture as captures
from shared import chunk, plain_file, still_copy
from shared.capture import Captured, capture
from shared.errors import SourceChanged
from shared.plain_file import FileState, read_exactly

CHUNK = 8  # bytes, in these tests
HOUR_NS = 3600 * 10**9


@pytest.fixture(autouse=True)
def _small_chunks_and_no_wait_for_half_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_file, "ROW_PATIENCE_SECONDS", -1.0)
    for module in (chunk, captures):
        monkeypatch.setattr(module, "CHUNK_SIZE", CHUNK)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock says that every file was changed an hour ago."""
    monkeypatch.setattr(plain_file, "time_ns", lambda: time_ns() + HOUR_NS)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file gets one try."""
    monkeypatch.setattr(still_copy, "PATIENCE_SECONDS", -1.0)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The offsets that are read."""
    offsets: list[int] = []

    def watched(file: BinaryIO, offset: int, length: int) -> bytes:
        offsets.append(offset)
        return read_exactly(file, offset, length)

    monkeypatch.setattr(still_copy, "read_exactly", watched)
    return offsets


def on_first_read(monkeypatch: pytest.MonkeyPatch, change: Callable[[], object]) -> None:
    """Let another writer change something once the first chunk has been read."""
    pending = [change]

    def disturbed(file: BinaryIO, offset: int, length: int) -> bytes:
        raw = read_exactly(file, offset, length)
        if pending:
            pending.pop()()
        return raw

    monkeypatch.setattr(still_copy, "read_exactly", disturbed)


def take(place: Path, before: Captured | None = None, *, appended: bool = False) -> Captured:
    """Capture a file, with copies in a folder beside it."""
    return capture(place, copies_of(place), before, appended=appended)


def copies_of(place: Path) -> Path:
    """Where its copies are."""
    return place.parent / "copies"


def digests(content: bytes) -> tuple[str, ...]:
    """Of its chunks."""
    pieces = [content[at : at + CHUNK] for at in range(0, len(content), CHUNK)]
    return tuple(sha256(piece).hexdigest() for piece in pieces)


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    """A file of two and a half chunks."""
    place = tmp_path / "a.csv"
    place.write_bytes(b"row 1..\nrow 2..\nrow")
    return place


@pytest.fixture
def state_file(tmp_path: Path) -> Path:
    """A JSON document."""
    place = tmp_path / "s.json"
    place.write_bytes(b'{"price": 73000}')
    return place


def test_a_file_that_holds_still_is_hashed_where_it_lies(csv: Path) -> None:
    """Nothing is copied."""
    captured = take(csv)
    assert captured.digests == digests(csv.read_bytes())
    assert captured.state.size == 19
    assert captured.place == csv
    assert not captured.is_copy
    assert not copies_of(csv).exists()


@pytest.mark.usefixtures("later")
def test_a_file_that_has_not_changed_is_not_read_again(csv: Path, reads: list[int]) -> None:
    """Its digests are kept until its state changes."""
    before = take(csv)
    reads.clear()
    assert take(csv, before) is before
    assert reads == []
    csv.write_bytes(b"row 9..\nrow 2..\nrow")
    assert take(csv, before).digests == digests(csv.read_bytes())
    assert reads[:3] == [0, 8, 16]


@pytest.mark.parametrize("seconds", [0.5, 2])
@pytest.mark.parametrize("hours", [-1, 0, 1])
def test_a_state_is_trusted_once_it_is_a_second_old(
    csv: Path, monkeypatch: pytest.MonkeyPatch, seconds: float, hours: int
) -> None:
    """Two changes within a clock's grain leave the same times; by then a second look is taken.

    The time of the content tells nothing: it can be set, even to a time to come.
    """
    now = time_ns()
    monkeypatch.setattr(plain_file, "time_ns", lambda: now)
    changed = now - int(seconds * 10**9)
    state = FileState(1, 2, 19, now + hours * HOUR_NS, changed)
    for module in (captures, plain_file, still_copy):
        monkeypatch.setattr(module, "state_of", lambda _: state)
    before = take(csv)
    csv.write_bytes(b"row 9..\nrow 2..\nrow")
    is_read_again = take(csv, before).digests == digests(csv.read_bytes())
    assert is_read_again == (seconds < 1)


def test_of_an_appended_file_the_untouched_beginning_is_not_read_again(
    csv: Path, reads: list[int]
) -> None:
    """Only the chunks from the one on that was not full, however lately it was changed."""
    before = take(csv, appended=True)
    assert reads == [0, 8, 16]
    reads.clear()
    with csv.open("ab") as file:
        file.write(b" 3.\nrow 4..\nro")
    captured = take(csv, before, appended=True)
    assert reads == [16, 24, 32]
    assert captured.digests == digests(csv.read_bytes())


def test_of_any_other_file_that_grew_everything_is_read_again(csv: Path, reads: list[int]) -> None:
    """Somebody else may have changed its beginning too."""
    before = take(csv)
    reads.clear()
    csv.write_bytes(b"ROW 1..\nrow 2..\nrow 3..\n")
    assert take(csv, before).digests == digests(csv.read_bytes())
    assert reads[:3] == [0, 8, 16]


@pytest.mark.parametrize("content", [b"new file, and a longer one", b"short"])
def test_an_appended_file_that_is_another_one_now_is_read_whole(
    csv: Path, tmp_path: Path, content: bytes
) -> None:
    """Replaced, or shorter than before: then nothing of it is known."""
    before = take(csv, appended=True)
    if len(content) > before.state.size:
        (tmp_path / "new").write_bytes(content)
        (tmp_path / "new").replace(csv)
    else:
        csv.write_bytes(content)
    assert take(csv, before, appended=True).digests == digests(content)


def test_an_appended_file_that_grows_meanwhile_is_as_long_as_it_was(
    csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rows so far are what is captured, without a copy."""
    content = csv.read_bytes()
    on_first_read(monkeypatch, lambda: csv.write_bytes(content + b" 3..\n"))
    captured = take(csv, appended=True)
    assert captured.digests == digests(content)
    assert captured.state.size == len(content)
    assert not captured.is_copy


def test_a_table_that_grows_whenever_it_is_read_is_hashed_where_it_lies(
    csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However large it is and whoever appends to it: what it had at first is read twice."""

    def growing(file: BinaryIO, offset: int, length: int) -> bytes:
        with csv.open("ab") as writer:
            writer.write(b"row\n")
        return read_exactly(file, offset, length)

    content = csv.read_bytes()
    monkeypatch.setattr(still_copy, "read_exactly", growing)
    monkeypatch.setattr(captures, "LARGEST_COPY", len(content) - 1)
    captured = take(csv)
    assert captured.digests == digests(content)
    assert captured.state.size == len(content)
    assert (captured.is_copy, captured.warning) == (False, "")
    assert not captured.settled


@pytest.mark.parametrize("after", [b"ROW 1..\nROW 2..\nROW", b"ROW 1..\nrow 2..\nrow 3..\n", b"r"])
def test_a_file_that_changes_while_it_is_read_is_copied_whole(
    csv: Path, monkeypatch: pytest.MonkeyPatch, after: bytes
) -> None:
    """Rewritten, longer or shorter: never half old and half new, and never left out."""
    on_first_read(monkeypatch, lambda: csv.write_bytes(after))
    captured = take(csv)
    assert captured.is_copy
    assert captured.digests == digests(after)
    assert captured.place.read_bytes() == after
    assert list(copies_of(csv).iterdir()) == [captured.place]


@pytest.mark.usefixtures("impatient")
def test_a_file_that_never_holds_still_is_given_up(
    csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The archive keeps what it has of it; no copy is left."""
    times = iter(range(1, 1000))

    def restless(_: BinaryIO) -> FileState:
        return FileState(1, 2, 19, next(times), 0)

    for module in (captures, plain_file, still_copy):
        monkeypatch.setattr(module, "state_of", restless)
    with pytest.raises(SourceChanged, match="it changed whenever it was read"):
        take(csv)
    assert list(copies_of(csv).iterdir()) == []


def test_a_file_that_is_replaced_whenever_it_is_read_is_captured(
    state_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has the replaced one open still has all of it, and nobody writes to it any more."""
    numbers = iter(range(1000))

    def replaced(file: BinaryIO, offset: int, length: int) -> bytes:
        (tmp_path / "new").write_text(f'{{"price": {next(numbers):05}}}')
        (tmp_path / "new").replace(state_file)
        return read_exactly(file, offset, length)

    content = state_file.read_bytes()
    monkeypatch.setattr(still_copy, "read_exactly", replaced)
    monkeypatch.setattr(still_copy, "PATIENCE_SECONDS", -1.0)
    captured = take(state_file)
    assert captured.place.read_bytes() == content
    assert captured.digests == digests(content)
    assert list(copies_of(state_file).iterdir()) == [captured.place]


@pytest.mark.parametrize("before", [b'{"a": 10, "b": 10}', b'{"a": 10, "b": 10, "c": 10}'])
def test_a_json_that_changes_within_the_grain_of_the_clock_is_never_half_old_and_half_new(
    state_file: Path, monkeypatch: pytest.MonkeyPatch, before: bytes
) -> None:
    """Its times and its size tell nothing then, and half of each may be valid JSON as well."""
    after = before.replace(b"10", b"20")
    state_file.write_bytes(before)
    state = FileState(1, 2, len(before), 3, time_ns())
    for module in (captures, plain_file, still_copy):
        monkeypatch.setattr(module, "state_of", lambda _: state)
    on_first_read(monkeypatch, lambda: state_file.write_bytes(after))
    captured = take(state_file)
    assert captured.place.read_bytes() == after
    assert captured.digests == digests(after)


@pytest.mark.usefixtures("later")
def test_a_file_that_has_settled_is_copied_in_one_reading(
    state_file: Path, reads: list[int]
) -> None:
    """The second one is only for what may be changing."""
    take(state_file)
    assert reads == [0, 8]


def test_a_json_is_copied_and_stays_as_it_was(state_file: Path) -> None:
    """Whatever happens to the file after."""
    content = state_file.read_bytes()
    captured = take(state_file)
    assert captured.is_copy
    state_file.write_bytes(b"{}")
    assert captured.place.read_bytes() == content
    assert captured.digests == digests(content)
    assert not captured.warning


def test_a_json_is_waited_for_until_it_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its writer is in the middle of it."""
    place = tmp_path / "s.json"
    place.write_bytes(b'{"price": 7')
    for module in (plain_file, still_copy):
        monkeypatch.setattr(module, "sleep", lambda _: place.write_bytes(b'{"price": 73000}'))
    captured = take(place)
    assert captured.place.read_bytes() == b'{"price": 73000}'
    assert list(copies_of(place).iterdir()) == [captured.place]


NESTED = b"[" * 200_000


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("content", [b"", b'{"price": 7', b"{} {}", b"\xff\xff", NESTED])
@pytest.mark.parametrize("chunk_size", [CHUNK, 4 * 1024 * 1024])
def test_a_json_that_never_parses_is_left_out_while_it_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, chunk_size: int
) -> None:
    """Read whole or as a stream, and no copy is left."""
    monkeypatch.setattr(still_copy, "CHUNK_SIZE", chunk_size)
    monkeypatch.setattr(chunk, "CHUNK_SIZE", chunk_size)
    place = tmp_path / "s.json"
    place.write_bytes(content)
    with pytest.raises(SourceChanged, match="not valid JSON"):
        take(place)
    assert list(copies_of(place).iterdir()) == []


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize("content", [b"", b'{"price": 7', b"not JSON at all", NESTED])
def test_a_json_that_never_parses_but_is_old_is_taken_with_a_warning(
    tmp_path: Path, content: bytes
) -> None:
    """Nobody is writing it: it is what the user has."""
    place = tmp_path / "s.json"
    place.write_bytes(content)
    captured = take(place)
    assert "not valid JSON" in captured.warning
    assert captured.place.read_bytes() == content
    assert take(place, captured) is captured


@pytest.mark.parametrize("content", [b"[1, NaN]", b"7", json.dumps({"a": ["b", {}]}).encode()])
def test_what_python_calls_json_is_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    """NaN included: loggers write it."""
    monkeypatch.setattr(still_copy, "CHUNK_SIZE", 1024)
    place = tmp_path / "s.json"
    place.write_bytes(content)
    assert take(place).place.read_bytes() == content


def test_a_json_too_large_to_copy_is_hashed_where_it_lies(
    state_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory and disk are bounded."""
    monkeypatch.setattr(captures, "LARGEST_COPY", 15)
    captured = take(state_file)
    assert captured.place == state_file
    assert not captured.warning
    assert captured.digests == digests(state_file.read_bytes())


def test_a_file_too_large_to_copy_that_changes_is_taken_with_a_warning(
    csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is fetched only if it holds still until then."""
    monkeypatch.setattr(captures, "LARGEST_COPY", 15)
    content = csv.read_bytes()
    on_first_read(monkeypatch, lambda: csv.write_bytes(content.upper() + b" 3..\n"))
    captured = take(csv)
    assert "too large to copy" in captured.warning
    assert captured.place == csv
    assert not copies_of(csv).exists()


@pytest.mark.parametrize("name", ["a.csv", "a.json"])
def test_a_link_is_not_followed(tmp_path: Path, name: str) -> None:
    """Not even if it has come since the folder was listed."""
    (tmp_path / "secret").write_bytes(b"{}")
    (tmp_path / name).symlink_to(tmp_path / "secret")
    with pytest.raises(OSError, match="symbolic links"):
        take(tmp_path / name)


@pytest.mark.usefixtures("later")
def test_a_copy_that_is_gone_is_made_again(state_file: Path) -> None:
    """Otherwise the file could not be fetched until it changes."""
    before = take(state_file)
    before.place.unlink()
    again = take(state_file, before)
    assert again.place.read_bytes() == state_file.read_bytes()


def test_an_empty_file_has_no_chunks(tmp_path: Path) -> None:
    """It is a file nevertheless."""
    (tmp_path / "a.csv").touch()
    os.utime(tmp_path / "a.csv", ns=(5, 5))
    captured = take(tmp_path / "a.csv")
    assert captured.digests == ()
    assert (captured.state.size, captured.state.mtime_ns) == (0, 5)
