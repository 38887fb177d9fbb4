"""The setting that a warning advises leaves out the file that it names, and no other."""

from pathlib import Path

import pytest

from shared.format import FileEntry
from shared.prune import Retention
from shared.rewriting import Pace, rewriting
from shared.selection import Selection
from shared.settings import LoggerSettings, load

NAMES = [
    "state.json",
    "sub/state.json",
    "a,[1].json",
    "[x]*?.json",
    "!a-b].json",
    "a #1.json",
    " a.json",
    " sub/a.json",
    "'a.json",
    '"a".json',
    "'sub/a.json",
    "a${HOME}.json",
    "ü.json",
]


def advised(path: str) -> str:
    """What the warning says to set."""
    old, new = (
        FileEntry(path=path, size=9, mtime_ns=1, chunks=(chunk * 64,)) for chunk in ("1", "2")
    )
    (warning,) = rewriting([old], [new], {"2" * 64: 10**9}, Pace(1800, 1, Retention()))
    return warning.partition("BACKUP_EXCLUDE=")[2].removesuffix(" leaves it out")


@pytest.mark.parametrize("is_in_file", [False, True])
@pytest.mark.parametrize("path", NAMES)
def test_just_the_file_that_is_named_is_left_out(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_in_file: bool
) -> None:
    """Set in the environment or in a `.env`; the same name in other folders stays."""
    others = [f"other/{path}", f"deep/er/{path}", "other.json"]
    for one in (path, *others):
        place = tmp_path / "data" / one
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("{}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BACKUP_EXCLUDE", raising=False)
    if is_in_file:
        (tmp_path / ".env").write_text(f"BACKUP_EXCLUDE={advised(path)}\n")
    else:
        monkeypatch.setenv("BACKUP_EXCLUDE", advised(path))
    taken = Selection(exclude=load(LoggerSettings).backup_exclude)
    assert taken.files(tmp_path / "data", []) == sorted(others)
