"""A foreign program may write to a file at any moment while its missing end is appended."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import completing, plan
from shared.chunk import digest
from shared.completing import Completing
from shared.errors import SourceChanged
from shared.format import Version
from shared.plain_file import FileState, state_of
from shared.plan import Action, Step, read_local

CHUNK = 64  # bytes, instead of 4 MiB
TIME_NS = 1_700_000_000_000_000_000  # of the backup's version


def table(count: int, seed: int = 0) -> bytes:
    """So many rows of different lengths."""
    lengths = [(row * 37 + seed * 11) % 41 for row in range(count)]
    return b"".join(b"%d,%s\n" % (row, b"x" * length) for row, length in enumerate(lengths))


@pytest.fixture(autouse=True, scope="module")
def _small_chunks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(completing, "CHUNK_SIZE", CHUNK)
        patch.setattr(plan, "CHUNK_SIZE", CHUNK)
        yield


@dataclass
class Foreign:
    """A program that has the file open, and appends a row after some of our looks at it."""

    place: Path
    moments: set[int]  # the numbers of those looks
    rows: list[bytes] = field(default_factory=list)
    looks: int = 0

    def look(self, file: BinaryIO) -> FileState:
        """Our look, and then the row."""
        state = state_of(file)
        self.looks += 1
        if self.looks in self.moments:
            self.append()
        return state

    def append(self) -> None:
        """One row more."""
        self.rows.append(b"foreign %d\n" % len(self.rows))
        with self.place.open("ab", buffering=0) as file:
            file.write(self.rows[-1])


def step_for(root: Path, whole: bytes, begun: int) -> Step:
    """A file that has begun, and the step that completes it."""
    place = root / "a.csv"
    place.write_bytes(whole[:begun])
    version = Version(size=len(whole), mtime_ns=TIME_NS, chunks=(digest(whole),))
    return Step("a.csv", "a.csv", version, Action.COMPLETE, read_local(place))


@pytest.fixture(scope="module")
def directories(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """A new one each time."""
    return lambda: tmp_path_factory.mktemp("data")


def complete(root: Path, step: Step, whole: bytes, stop_after: int = 1000) -> None:
    """What a restore does with it; of the missing chunks, so many come."""
    assert step.local is not None
    with Completing(root, step, step.local) as file:
        first = step.local.whole_chunks * CHUNK
        for at in range(first, len(whole), CHUNK)[:stop_after]:
            file.write(whole[at : at + CHUNK])
        file.keep(step.action)


@given(begun=st.integers(0, 399), stop_after=st.integers(1, 8))
def test_it_ends_as_the_backup_s_version_or_as_a_beginning_of_it(
    directories: Callable[[], Path], begun: int, stop_after: int
) -> None:
    """Wherever the local beginning ends, and however many chunks come: in the same inode."""
    whole, folder = table(30)[:400], directories()
    step = step_for(folder, whole, begun)
    inode = (folder / "a.csv").stat().st_ino
    complete(folder, step, whole, stop_after)
    found, status = (folder / "a.csv").read_bytes(), (folder / "a.csv").stat()
    came = min(begun // CHUNK * CHUNK + stop_after * CHUNK, len(whole))
    assert whole.startswith(found)
    assert len(found) >= begun
    assert found == whole or came < len(whole)
    assert (status.st_ino, status.st_mtime_ns) == (inode, TIME_NS)


@given(
    rows=st.integers(5, 40),
    begun_rows=st.integers(0, 4),
    seed=st.integers(0, 99),
    moments=st.sets(st.integers(1, 60), max_size=4),
)
def test_a_foreign_program_loses_no_row_at_any_moment(
    directories: Callable[[], Path], rows: int, begun_rows: int, seed: int, moments: set[int]
) -> None:
    """Its rows are all there, each in a line of its own, and none of ours is torn by them."""
    whole, folder = table(rows, seed), directories()
    begun = len(table(begun_rows, seed))
    step = step_for(folder, whole, begun)
    foreign = Foreign(folder / "a.csv", moments)
    has_changed = False
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(completing, "state_of", foreign.look)
        try:
            complete(folder, step, whole)
        except SourceChanged:
            has_changed = True
    found = (folder / "a.csv").read_bytes()
    lines = found.splitlines(keepends=True)
    assert [line for line in lines if line.startswith(b"foreign")] == foreign.rows
    own = b"".join(line for line in lines if not line.startswith(b"foreign"))
    assert whole.startswith(own)
    assert len(own) >= begun
    if not has_changed:
        assert own == whole
        assert found == whole or foreign.rows


@pytest.mark.parametrize("how", ["grown", "rewritten", "emptied", "replaced", "deleted", "touched"])
def test_a_file_that_is_not_as_we_left_it_is_not_written_to(tmp_path: Path, how: str) -> None:
    """Nothing is appended to it, and its time stays."""
    whole = table(30)
    step = step_for(tmp_path, whole, 100)
    assert step.local is not None
    place = tmp_path / "a.csv"
    with Completing(tmp_path, step, step.local) as file:
        if how == "replaced":
            (tmp_path / "new").write_bytes(whole[:100])
            (tmp_path / "new").replace(place)
        elif how == "deleted":
            place.unlink()
        elif how == "touched":
            os.utime(place)
        else:
            changed = {"grown": whole[:100] + b"more", "rewritten": b"y" * 100, "emptied": b""}
            place.write_bytes(changed[how])
        before = place.read_bytes() if place.exists() else None
        with pytest.raises(SourceChanged, match="has changed meanwhile, and stays"):
            file.write(whole[CHUNK : 2 * CHUNK])
    assert (place.read_bytes() if place.exists() else None) == before


def test_bytes_that_do_not_begin_as_the_file_ends_are_refused(tmp_path: Path) -> None:
    """An older backup's shorter chunk may stand in for one that is lost, and prove other."""
    whole = table(30)
    step = step_for(tmp_path, whole, 100)
    assert step.local is not None
    with Completing(tmp_path, step, step.local) as file:
        with pytest.raises(SourceChanged, match="does not begin"):
            file.write(b"z" * CHUNK)
        assert file.brought == 0
    assert (tmp_path / "a.csv").read_bytes() == whole[:100]


def test_rows_that_come_before_the_time_is_set_do_not_look_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two versions the newer one stays in place: that time must be the foreign row's."""
    whole = table(30)
    step = step_for(tmp_path, whole, 100)
    foreign = Foreign(tmp_path / "a.csv", set())

    def has_name(_file: BinaryIO) -> bool:
        foreign.append()
        return True

    monkeypatch.setattr(completing, "has_name", has_name)
    assert step.local is not None
    with (
        Completing(tmp_path, step, step.local) as file,
        pytest.raises(SourceChanged, match="has changed meanwhile"),
    ):
        file.keep(step.action)
    status = (tmp_path / "a.csv").stat()
    assert status.st_mtime_ns > TIME_NS
    assert (tmp_path / "a.csv").read_bytes() == whole[:100] + foreign.rows[0]
