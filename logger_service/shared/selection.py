"""Which files of a data directory are backed up.

Patterns are a shell's: one without a slash is matched with the file's name, one with a slash
with its whole path, which may begin with one. Links are never followed, and our own notes are
never taken.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from shared.errors import SourceRefused, UnsafePath
from shared.names import NOTES, check_path, is_beside


class SelectedFile(NamedTuple):
    """A file that is backed up, as its folder tells of it."""

    path: str
    size: int
    mtime_ns: int


@dataclass(frozen=True)
class Selection:
    """`BACKUP_INCLUDE` less `BACKUP_EXCLUDE`."""

    include: tuple[str, ...] = ("*.csv", "*.json")
    exclude: tuple[str, ...] = ()

    def files(self, root: Path, warnings: list[str]) -> list[str]:
        """Relative paths of the selected files in order; what had to be left out adds a warning.

        Raises:
            SourceRefused: the directory does not exist or cannot be listed.
        """
        return sorted(path for path in _walk(root, warnings) if self._takes(root, path, warnings))

    def look(self, root: Path) -> list[SelectedFile]:
        """The files, newest first, with what their folder tells of each; raises SourceRefused."""
        found = []
        for path in self.files(root, []):
            with suppress(FileNotFoundError):  # it has gone since the folder was listed
                status = (root / path).lstat()
                found.append(SelectedFile(path, status.st_size, status.st_mtime_ns))
        return sorted(found, key=lambda file: -file.mtime_ns)

    def names(self, path: str) -> bool:
        """Whether a file of this name is backed up."""
        wanted = matches(path, self.include) and not matches(path, self.exclude)
        return wanted and not is_beside(path)

    def _takes(self, root: Path, path: str, warnings: list[str]) -> bool:
        if not self.names(path):
            return False
        if fault := _fault(root, path):
            warnings.append(f"left out: {fault}")
        return not fault


def _fault(root: Path, path: str) -> str:
    """Why a selected file cannot be taken, or nothing if it can."""
    try:
        mode = (root / check_path(path)).lstat().st_mode
    except UnsafePath as error:
        return error.message
    except FileNotFoundError:
        return ""  # it has gone since the folder was listed, as the capture will say
    except OSError as error:
        return f"{path!r} cannot be looked at: {error.strerror}"
    if stat.S_ISLNK(mode):
        return f"{path!r} is a symbolic link"
    return "" if stat.S_ISREG(mode) else f"{path!r} is not a regular file"


def matches(path: str, patterns: tuple[str, ...]) -> bool:
    """Whether any of the patterns fits."""
    name = path.rpartition("/")[2]
    return any(
        fnmatchcase(path if "/" in pattern else name, pattern.removeprefix("/"))
        for pattern in patterns
    )


def _walk(root: Path, warnings: list[str]) -> Iterator[str]:
    """Relative paths of all that is no folder; links to folders are not followed."""

    def refuse(error: OSError) -> None:
        if Path(error.filename) == root:
            raise SourceRefused(
                f"the data directory {root} cannot be read: {error.strerror}",
                name=str(root),
                hint="Check DATA_DIR",
            ) from error
        warnings.append(f"left out: {error.filename!r} cannot be listed: {error.strerror}")

    for folder, subfolders, files in os.walk(root, onerror=refuse):
        inside = Path(folder).relative_to(root)
        subfolders[:] = sorted(name for name in subfolders if (inside / name).as_posix() != NOTES)
        links = (name for name in subfolders if (root / inside / name).is_symlink())
        warnings.extend(
            f"left out: {(inside / name).as_posix()!r} is a symbolic link" for name in links
        )
        yield from ((inside / name).as_posix() for name in files)
