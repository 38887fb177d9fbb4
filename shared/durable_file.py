"""Files and directories that are on disk when the call returns."""

import os
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from time import time

SECONDS_UNDER_WAY = 24 * 3600  # no temporary file is older while its writer lives


def write_durably(path: Path, data: bytes) -> None:
    """Create the file with these bytes; raises FileExistsError."""
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def replace_durably(path: Path, data: bytes) -> None:
    """Put a file of these bytes in the place of another, whole or not at all."""
    incoming = path.with_name(f"{path.name}.{token_hex(4)}")
    try:
        write_durably(incoming, data)
        incoming.replace(path)
    finally:
        incoming.unlink(missing_ok=True)
    sync_directory(path.parent)


def make_directory(directory: Path) -> None:
    """Create a directory and its parents where they are missing."""
    if directory.is_dir():
        return
    make_directory(directory.parent)
    directory.mkdir(exist_ok=True)
    sync_directory(directory.parent)


def sync_directory(directory: Path) -> None:
    """Put the directory's entries on disk."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep(directory: Path) -> None:
    """Delete temporary files that killed processes left in a directory, if it exists."""
    for place in directory.glob("*"):
        with suppress(FileNotFoundError):  # another one sweeps here too
            if place.stat().st_mtime < time() - SECONDS_UNDER_WAY:
                place.unlink()
