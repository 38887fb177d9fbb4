"""The CSV files of the data directory, as they lie there: which there are, and one to send."""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from shared.names import locate
from shared.plain_file import FileState, first_look, open_plain
from shared.selection import SelectedFile, Selection

SUFFIX = ".csv"


def csv_files(data_dir: Path, selection: Selection) -> list[SelectedFile]:
    """Those that are backed up, newest first; raises SourceRefused."""
    return [file for file in selection.look(data_dir) if file.path.endswith(SUFFIX)]


def open_csv(data_dir: Path, selection: Selection, name: str) -> tuple[BinaryIO, FileState]:
    """One of them, and how it is at this moment.

    Raises:
        UnsafePath: the name leads elsewhere.
        FileNotFoundError: there is none of this name, or it is not to be shown.
        OSError: it cannot be read.
    """
    place = locate(data_dir, name)
    if not (name.endswith(SUFFIX) and selection.names(name)):
        raise FileNotFoundError(name)
    file = open_plain(place)
    try:
        state = first_look(file, place)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file, state


class GotShorter(OSError):
    """A file that had more bytes when its answer began: what is left of it cannot be sent."""


class SentFile:
    """An open file up to the `size` that it was said to have, for whoever sends it.

    It tells, once, when it has been closed.
    """

    def __init__(self, file: BinaryIO, size: int, ended: Callable[[], None]) -> None:
        self.seek, self.tell = file.seek, file.tell
        self._file, self._size, self._ended = file, size, ended

    def read(self, most: int = -1) -> bytes:
        """The next bytes, none at the end; raises GotShorter.

        A server that has told of more bytes would ask for them again and again.
        """
        left = max(self._size - self._file.tell(), 0)
        wanted = min(most, left) if most >= 0 else left
        piece = self._file.read(wanted)
        if wanted and not piece:
            raise GotShorter(f"{left} bytes that were there are gone")
        return piece

    def close(self) -> None:
        """Close it."""
        if not self._file.closed:
            self._file.close()
            self._ended()
