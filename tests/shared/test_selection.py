import os
import socket
from pathlib import Path

import pytest

from shared.errors import SourceRefused
from shared.names import beside
from shared.selection import Selection, matches


def fill(root: Path, *paths: str) -> None:
    """Make files that hold their own path."""
    for path in paths:
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(path)


def selected(root: Path, *include: str, exclude: tuple[str, ...] = ()) -> list[str]:
    """The files that are taken, when nothing has to be left out."""
    warnings: list[str] = []
    files = Selection(include or ("*.csv", "*.json"), exclude).files(root, warnings)
    assert not warnings
    return files


def left_out(root: Path) -> list[str]:
    """The warnings, when nothing is taken."""
    warnings: list[str] = []
    assert Selection().files(root, warnings) == []
    return warnings


def test_csv_and_json_are_taken_from_every_folder(tmp_path: Path) -> None:
    """In the order of their paths; other files are not looked at."""
    fill(tmp_path, "b.json", "a/b/c.csv", "a.csv", "a/x.json", "notes.txt", "csv", "a/data.csv.gz")
    assert selected(tmp_path) == ["a.csv", "a/b/c.csv", "a/x.json", "b.json"]


def test_an_empty_directory_has_no_files(tmp_path: Path) -> None:
    """That is no error: the recorder has not begun."""
    (tmp_path / "empty.csv").mkdir()
    assert selected(tmp_path) == []


def test_a_pattern_without_a_slash_is_for_names(tmp_path: Path) -> None:
    """In any folder, and in the case that was written."""
    fill(tmp_path, "a.log", "x/a.log", "x/b.LOG", "log/x")
    assert selected(tmp_path, "*.log") == ["a.log", "x/a.log"]


def test_a_pattern_with_a_slash_is_for_paths(tmp_path: Path) -> None:
    """From the data directory on."""
    fill(tmp_path, "a.csv", "x/a.csv", "y/a.csv", "y/x/a.csv")
    assert selected(tmp_path, "x/*.csv") == ["x/a.csv"]
    assert selected(tmp_path, "*/a.csv") == ["x/a.csv", "y/a.csv", "y/x/a.csv"]


def test_what_is_excluded_is_not_taken(tmp_path: Path) -> None:
    """By name or by path, whatever includes it."""
    fill(tmp_path, "a.csv", "tmp/a.csv", "tmp/b/a.csv", "cache.json", "x/cache.json")
    assert selected(tmp_path, exclude=("cache.json", "tmp/*")) == ["a.csv"]


def test_our_own_notes_are_never_taken(tmp_path: Path) -> None:
    """Nor anything else in their folder; a folder of that name deeper down is the user's."""
    fill(tmp_path, ".backup/receipt.json", ".backup/copies/x.csv", "a/.backup/x.csv", ".backups/x")
    assert selected(tmp_path, "*") == [".backups/x", "a/.backup/x.csv"]


@pytest.mark.parametrize("kind", ["restored", "replaced", "earlier"])
def test_what_a_restore_put_beside_a_file_is_not_taken(tmp_path: Path, kind: str) -> None:
    """Not even by a pattern that takes everything."""
    fill(tmp_path, "a.csv", beside("a.csv", kind, "0123456789abcdef"))
    assert selected(tmp_path, "*") == ["a.csv"]


def test_links_are_left_out_with_a_warning(tmp_path: Path) -> None:
    """To files, to folders, and to nothing: what they lead to may be outside (rule 12)."""
    root, outside = tmp_path / "root", tmp_path / "outside"
    fill(outside, "secret.csv")
    root.mkdir()
    (root / "file.csv").symlink_to(outside / "secret.csv")
    (root / "folder").symlink_to(outside)
    (root / "dangling.csv").symlink_to(tmp_path / "nothing")
    assert sorted(left_out(root)) == [
        "left out: 'dangling.csv' is a symbolic link",
        "left out: 'file.csv' is a symbolic link",
        "left out: 'folder' is a symbolic link",
    ]


@pytest.mark.parametrize("name", [b"a\\b.csv", b"a\nb.csv", b"\xff.csv", b"a\x7f.csv"])
def test_unsafe_names_are_left_out_with_a_warning(tmp_path: Path, name: bytes) -> None:
    """The warning can be written anywhere."""
    Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name))).write_bytes(b"x")  # noqa: PTH118  Path takes no bytes
    (warning,) = left_out(tmp_path)
    assert warning.startswith("left out: the path ")
    assert warning.isprintable()
    warning.encode()


def test_what_is_not_selected_is_nobodys_business(tmp_path: Path) -> None:
    """No warning for what would not be taken anyway."""
    (tmp_path / "a\\b.txt").write_bytes(b"x")
    (tmp_path / "latest").symlink_to("a.csv")
    os.mkfifo(tmp_path / "pipe")
    assert selected(tmp_path) == []


def test_what_is_no_file_is_left_out_with_a_warning(tmp_path: Path) -> None:
    """To open a pipe would wait for ever."""
    os.mkfifo(tmp_path / "pipe.csv")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(tmp_path / "socket.csv"))
        assert sorted(left_out(tmp_path)) == [
            "left out: 'pipe.csv' is not a regular file",
            "left out: 'socket.csv' is not a regular file",
        ]


@pytest.mark.parametrize("is_file", [False, True])
def test_a_missing_directory_is_refused(tmp_path: Path, is_file: bool) -> None:
    """An empty snapshot would look like a wiped logger."""
    root = tmp_path / "data"
    if is_file:
        root.write_bytes(b"")
    with pytest.raises(SourceRefused, match=f"the data directory {root} cannot be read") as caught:
        Selection().files(root, [])
    assert "DATA_DIR" in caught.value.hint


def test_a_data_directory_that_is_a_link_is_followed(tmp_path: Path) -> None:
    """It is the operator's choice."""
    fill(tmp_path / "real", "a.csv")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert selected(tmp_path / "link") == ["a.csv"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_cannot_be_listed_is_left_out_with_a_warning(tmp_path: Path) -> None:
    """The others are still taken."""
    fill(tmp_path, "a.csv", "closed/b.csv")
    (tmp_path / "closed").chmod(0)
    warnings: list[str] = []
    assert Selection().files(tmp_path, warnings) == ["a.csv"]
    assert "closed" in warnings[0]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_cannot_be_entered_costs_only_its_files(tmp_path: Path) -> None:
    """Their names can be listed, and nothing more."""
    fill(tmp_path, "a.csv", "closed/b.csv")
    (tmp_path / "closed").chmod(0o644)
    warnings: list[str] = []
    assert Selection().files(tmp_path, warnings) == ["a.csv"]
    assert "'closed/b.csv' cannot be looked at: Permission denied" in warnings[0]


def test_no_pattern_matches_nothing() -> None:
    """So there is no exclusion by default."""
    assert not matches("a.csv", ())
