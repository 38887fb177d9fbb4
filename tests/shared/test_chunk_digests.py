"""The digest of a piece of an open file: as if it had been read at once."""

from hashlib import sha256
from pathlib import Path

import pytest

from engine.archives import noise
from shared.errors import SourceChanged
from shared.plain_file import PIECE, digest_exactly, open_plain

DATA = noise(3 * PIECE + 5)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A file that is read in several pieces."""
    (tmp_path / "a").write_bytes(DATA)
    return tmp_path / "a"


@pytest.mark.parametrize(
    ("offset", "length"), [(0, len(DATA)), (7, PIECE), (PIECE - 1, PIECE + 2), (3, 1), (9, 0)]
)
def test_it_is_of_exactly_these_bytes(place: Path, offset: int, length: int) -> None:
    """Wherever they begin and end."""
    with open_plain(place) as file:
        expected = sha256(DATA[offset : offset + length]).hexdigest()
        assert digest_exactly(file, offset, length) == expected


def test_a_file_that_became_shorter_has_none(place: Path) -> None:
    """It says how long it should be."""
    with open_plain(place) as file, pytest.raises(SourceChanged, match=f"than {len(DATA) + 1} "):
        digest_exactly(file, 1, len(DATA))
