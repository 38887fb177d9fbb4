"""Capturing on a disk that takes no copies: full, read-only, or somebody else's."""

import errno
import os
from hashlib import sha256
from pathlib import Path
from time import time_ns

import pytest

from shared import capture as captures
from shared import plain_file
from shared.capture import capture
from shared.errors import SourceChanged
from shared.still_copy import StillCopy

HOUR_NS = 3600 * 10**9


def cannot_copy(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Every copy fails with this error of the system."""

    def fail(_place: Path, _copies: Path) -> StillCopy:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(captures, "copy_still", fail)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_where_no_copy_can_be_made_the_file_itself_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """A disk that is full, or read-only, must not cost the state files."""
    cannot_copy(monkeypatch, number)
    place = tmp_path / "state.json"
    place.write_bytes(b"[1]")
    captured = capture(place, tmp_path / "copies", None, appended=False)
    assert (captured.place, captured.is_copy) == (place, False)
    assert captured.digests == (sha256(b"[1]").hexdigest(),)
    assert captured.warning == (
        f"it could not be copied ({os.strerror(number)}), and was taken where it lies"
    )


def test_half_a_document_is_not_taken_where_it_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its writer may be at work; one that has long been so is what there is."""
    cannot_copy(monkeypatch, errno.ENOSPC)
    place = tmp_path / "state.json"
    place.write_bytes(b"[1")
    with pytest.raises(SourceChanged, match=r"No space left on device.*not valid JSON"):
        capture(place, tmp_path / "copies", None, appended=False)
    monkeypatch.setattr(plain_file, "time_ns", lambda: time_ns() + HOUR_NS)
    captured = capture(place, tmp_path / "copies", None, appended=False)
    assert "taken where it lies; it was not valid JSON" in captured.warning


def test_any_other_error_is_told_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails is no disk that is full."""
    cannot_copy(monkeypatch, errno.EIO)
    (tmp_path / "state.json").write_bytes(b"[1]")
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        capture(tmp_path / "state.json", tmp_path / "copies", None, appended=False)
