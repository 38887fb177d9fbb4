"""How far a backup is, told to whoever wants to know."""

from pathlib import Path

import pytest

from engine.archives import JOB, MIB, LocalStore, WatchedSource, append, noise, rows, write
from shared.backup import backup
from shared.progress import Progress


class Listening(Progress):
    """Keeps all that it is told."""

    def __init__(self) -> None:
        self.begun: list[tuple[int, int]] = []
        self.came: dict[str, int] = {}

    def begin(self, files: int, size: int) -> None:
        """So many files and bytes."""
        self.begun.append((files, size))

    def advance(self, path: str, size: int) -> None:
        """So many of one file."""
        self.came[path] = self.came.get(path, 0) + size


@pytest.fixture
def heard(data: Path, local: LocalStore) -> Listening:
    """What the first backup of a long and a short file tells."""
    write(data, "long.csv", noise(9 * MIB))
    write(data, "short.csv", rows(300))
    return push(data, local)


def push(data: Path, store: LocalStore) -> Listening:
    """What a backup tells."""
    listening = Listening()
    backup(WatchedSource(data), store.provider, JOB, progress=listening)
    return listening


def test_what_is_to_come_is_told_and_then_each_file(heard: Listening) -> None:
    """The bytes of the files add up to what was announced."""
    assert heard.begun == [(2, 9 * MIB + 300)]
    assert heard.came == {"long.csv": 9 * MIB, "short.csv": 300}


@pytest.mark.usefixtures("heard")
def test_of_a_file_that_grew_only_the_end_is_to_come(data: Path, local: LocalStore) -> None:
    """As only that travels."""
    append(data, "long.csv", b"more\n")
    told = push(data, local)
    assert (told.begun, told.came) == ([(1, 5)], {"long.csv": 5})


@pytest.mark.usefixtures("heard")
def test_nothing_is_to_come_where_nothing_is_new(data: Path, local: LocalStore) -> None:
    """It is told so."""
    told = push(data, local)
    assert (told.begun, told.came) == ([(0, 0)], {})
