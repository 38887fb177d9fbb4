"""Reading a file that others may be writing to, without following a link."""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO, NamedTuple

from shared.errors import SourceChanged


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


def has_name(file: BinaryIO) -> bool:
    """Whether an open file can still be found in some folder, and is not deleted or replaced."""
    return os.fstat(file.fileno()).st_nlink > 0


def open_plain(place: Path) -> BinaryIO:
    """Open a regular file for reading; raises OSError for anything else, links included."""
    # Without O_NONBLOCK, opening a pipe would wait for its writer.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    descriptor = os.open(place, flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file", str(place))
    return os.fdopen(descriptor, "rb", buffering=0)


def read_exactly(file: BinaryIO, offset: int, length: int) -> bytes:
    """Bytes of an open file; raises SourceChanged when it has become shorter."""
    file.seek(offset)
    pieces, missing = [], length
    while missing and (piece := file.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    if missing:
        raise SourceChanged(f"it has become shorter than {offset + length} bytes")
    return b"".join(pieces)
