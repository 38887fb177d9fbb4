"""Up to when a data directory has its history: by the newest row, or else by the newest file."""

from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from shared.errors import SourceChanged, SourceRefused
from shared.plain_file import open_plain, read_exactly, state_of
from shared.selection import SelectedFile, Selection
from shared.table import NEWLINE, is_table, row_time

TABLES = 8  # of the newest ones: several instances and sources may have written at once
END = 64 * 1024  # bytes of a table's end that are read: a row is far shorter


class Newest(NamedTuple):
    """The newest moment that the directory tells of, and what tells it."""

    at: datetime
    by: str  # "row" or "modification time"


def newest_row(root: Path, selection: Selection) -> Newest | None:
    """Of the selected files; None where there are none."""
    try:
        files = selection.look(root)
    except SourceRefused:
        return None
    tables = islice((file for file in files if is_table(file.path)), TABLES)
    times = [at for at in (_last_time(root, table) for table in tables) if at]
    if times:
        return Newest(max(times), "row")
    if not files:
        return None
    return Newest(datetime.fromtimestamp(files[0].mtime_ns / 1e9, UTC), "modification time")


def _last_time(root: Path, table: SelectedFile) -> datetime | None:
    """The time of the last whole row."""
    try:
        with open_plain(root / table.path) as file:
            size = state_of(file).size
            end = read_exactly(file, max(0, size - END), min(size, END))
    except (OSError, SourceChanged):
        return None
    lines = end.rpartition(NEWLINE)[0].split(NEWLINE)
    return row_time(lines[-1])
