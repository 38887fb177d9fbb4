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


class SentFile:
    """An open file that tells, once, when whoever sends it has closed it."""

    def __init__(self, file: BinaryIO, ended: Callable[[], None]) -> None:
        self.read, self.seek, self.tell = file.read, file.seek, file.tell
        self._file, self._ended = file, ended

    def close(self) -> None:
        """Close it."""
        if not self._file.closed:
            self._file.close()
            self._ended()
