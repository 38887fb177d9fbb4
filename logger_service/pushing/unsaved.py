"""What may be on this disk alone: said when a push has failed and no other one will follow."""

from collections.abc import Mapping
from pathlib import Path

from pushing.destination import Destination
from shared.changed_files import ChangedFiles
from shared.chunk import CHUNK_SIZE
from shared.errors import BackupError
from shared.names import is_json, locate
from shared.plain_file import open_plain


def unsaved(destination: Destination, data_dir: Path) -> str:
    """Files and rows that this process did not bring there; another may have, so at most those."""
    origin = destination.origin
    changed = ChangedFiles(origin.directory, origin.since_ns)
    try:
        changed.snapshot()
        return _counted(data_dir, changed.shown, destination.saved)
    except (BackupError, OSError) as error:
        return f"what is unsaved cannot be told: {error}"


def _counted(data_dir: Path, shown: Mapping[str, int], saved: Mapping[str, int]) -> str:
    # One of the same size may have been rewritten; then it is not a table that only grows.
    paths = [path for path, size in shown.items() if size != saved.get(path)]
    tables = [path for path in paths if not is_json(path)]
    rows = sum(_lines(locate(data_dir, path), saved.get(path, 0)) for path in tables)
    return f"at most {len(paths)} files with {rows} new lines are on this disk alone"


def _lines(place: Path, offset: int) -> int:
    """Line ends from there on."""
    count = 0
    with open_plain(place) as file:
        file.seek(offset)
        while piece := file.read(CHUNK_SIZE):
            count += piece.count(b"\n")
    return count
