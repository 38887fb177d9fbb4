"""Reading a file that others may be writing to, without following a link."""

import errno
import os
import stat
from hashlib import sha256
from pathlib import Path
from time import monotonic, sleep, time_ns
from typing import BinaryIO, NamedTuple

from shared.errors import SourceChanged

ROW_PATIENCE_SECONDS = 0.02  # for a table's last row; if its end never comes, it is what there is
PAUSE_SECONDS = 0.002  # between two looks: nothing tells when a foreign writer is done
PIECE = 256 * 1024  # bytes; what a processor's own memory holds is not fetched from afar
# A change within the clock's grain of the last one leaves the times as they were: what was read
# so soon after a change is not believed again by its state alone. Only the time of the change of
# the file's status tells: that of its content can be set to anything.
SETTLED_NS = 1_000_000_000


class FileState(NamedTuple):
    """Two equal states mean the same content, once the file has settled."""

    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int


def state_of(file: BinaryIO) -> FileState:
    """The part of an open file's status that changes with its content."""
    status = os.fstat(file.fileno())
    return FileState(
        status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
    )


def is_settled(state: FileState) -> bool:
    """Whether the last change is so long ago that another one would show."""
    return time_ns() - state.ctime_ns > SETTLED_NS


def has_name(file: BinaryIO) -> bool:
    """Whether an open file can still be found in some folder, and is not deleted or replaced."""
    return os.fstat(file.fileno()).st_nlink > 0


def open_plain(place: Path) -> BinaryIO:
    """Open a regular file for reading; raises OSError for anything else, links included."""
    return os.fdopen(_open_regular(place, os.O_RDONLY), "rb", buffering=0)


def open_to_append(place: Path) -> BinaryIO:
    """The same, to read from it and to write at its end, wherever that is by then."""
    return os.fdopen(_open_regular(place, os.O_RDWR | os.O_APPEND), "r+b", buffering=0)


def _open_regular(place: Path, access: int) -> int:
    # Without O_NONBLOCK, opening a pipe would wait for its writer.
    descriptor = os.open(place, access | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file", str(place))
    return descriptor


def read_exactly(file: BinaryIO, offset: int, length: int) -> bytes:
    """Bytes of an open file; raises SourceChanged when it has become shorter."""
    file.seek(offset)
    pieces, missing = [], length
    while missing and (piece := file.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    if missing:
        raise _shorter(offset, length)
    return b"".join(pieces)


def digest_exactly(file: BinaryIO, offset: int, length: int) -> str:
    """The digest of what `read_exactly` would read, in little memory and so twice as fast."""
    file.seek(offset)
    found, missing = sha256(), length
    piece = memoryview(bytearray(min(PIECE, length)))
    while missing and (size := os.readv(file.fileno(), [piece[:missing]])):
        found.update(piece[:size])
        missing -= size
    if missing:
        raise _shorter(offset, length)
    return found.hexdigest()


def first_look(file: BinaryIO, place: Path) -> FileState:
    """The state of an open file; of a table in the middle of a row, a moment later if that helps.

    Even what is appended with one call appears page by page.
    """
    deadline = monotonic() + ROW_PATIENCE_SECONDS
    while True:
        state = state_of(file)
        is_table = place.suffix == ".csv" and not is_settled(state)
        if not (is_table and _ends_within_a_row(file, state.size)) or monotonic() > deadline:
            return state
        sleep(PAUSE_SECONDS)


def _shorter(offset: int, length: int) -> SourceChanged:
    return SourceChanged(f"it has become shorter than {offset + length} bytes")


def _ends_within_a_row(file: BinaryIO, size: int) -> bool:
    file.seek(max(0, size - 1))
    return file.read(1) not in (b"\n", b"")  # nothing if it is empty, or shorter by now
