"""One file, captured whole while others may be writing to it.

A file that holds still, or only grows, is hashed where it lies. One that others rewrite (every
JSON, and any file that changed otherwise while it was read or since it was read last) is copied,
and later served from that copy.
"""

import errno
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from shared.chunk import CHUNK_SIZE
from shared.errors import SourceChanged
from shared.names import is_json
from shared.plain_file import (
    FileState,
    first_look,
    is_settled,
    open_plain,
    state_of,
)
from shared.still_copy import copy_still, digests_of, json_fault

LARGEST_COPY = 64 * 1024 * 1024  # bytes; a larger file is hashed where it lies
# Of a disk that is read-only, or not ours, or full: then a file is taken where it lies.
NO_COPIES = (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class Captured:
    """What a file held: its chunks' digests, and where those bytes can be read."""

    state: FileState
    digests: tuple[str, ...]
    place: Path  # the file itself or a copy of it
    is_copy: bool
    settled: bool  # whether an equal state later means that nothing has changed
    warning: str = ""

    def still_holds(self, state: FileState) -> bool:
        """Whether a file that is now in this state needs no second reading."""
        is_there = not self.is_copy or self.place.exists()
        return self.settled and self.state == state and is_there


def capture(place: Path, copies: Path, before: Captured | None, *, appended: bool) -> Captured:
    """Capture the file at `place`; `appended` says that it is only ever appended to.

    Raises:
        SourceChanged: it would not hold still, or a JSON never parsed.
        OSError: it cannot be read.
    """
    lying = None
    with open_plain(place) as file:
        state = first_look(file, place)
        if before and before.still_holds(state):
            return before
        if not is_json(place.name) or state.size > LARGEST_COPY:
            known = _beginning(before, state) if appended else ()
            try:
                captured = _captured(state, digests_of(file, state.size, known), place)
                if appended or _still_there(file, captured):
                    lying = captured
                    if appended or _goes_on(file, before, captured):
                        return captured
            except SourceChanged:  # it has become shorter
                if state.size > LARGEST_COPY:
                    raise
            if state.size > LARGEST_COPY:
                warning = "changed while it was read, and is too large to copy"
                return replace(captured, warning=warning)
    try:
        return _copied(place, copies)
    except SourceChanged:
        if lying is None:
            raise
        return lying  # rewritten, and growing since: better to be had perhaps than not at all


def _copied(place: Path, copies: Path) -> Captured:
    """A copy of the file, or where none can be made, the file itself."""
    try:
        copied = copy_still(place, copies)
    except OSError as error:
        if error.errno not in NO_COPIES:
            raise
        return _where_it_lies(place, error)
    captured = _captured(copied.state, copied.digests, copied.place, is_copy=True)
    return replace(captured, warning=copied.fault)


def _where_it_lies(place: Path, error: OSError) -> Captured:
    """The file itself, where no copy can be made of it; raises SourceChanged if it is not whole."""
    with open_plain(place) as file:
        state = first_look(file, place)
        captured = _captured(state, digests_of(file, state.size), place)
        fault = json_fault(place) if is_json(place.name) else ""
        changed = state_of(file) != state
    warning = f"it could not be copied ({error.strerror})"
    if changed or (fault and not captured.settled):
        raise SourceChanged(f"{warning}, and {fault or 'it changed while it was read'}")
    told = f"; {fault}" if fault else ""
    return replace(captured, warning=f"{warning}, and was taken where it lies{told}")


def _still_there(file: BinaryIO, captured: Captured) -> bool:
    """Whether what was read lies there unchanged: a table may have grown past it meanwhile."""
    state = state_of(file)
    if state == captured.state:
        return True
    grew = not is_json(captured.place.name) and state.size > captured.state.size
    return grew and digests_of(file, captured.state.size) == captured.digests


def _goes_on(file: BinaryIO, before: Captured | None, captured: Captured) -> bool:
    """Whether it still begins with all that it held before.

    One that was rewritten will be again, perhaps before its bytes have been fetched.
    """
    if before is None or captured.state.size > LARGEST_COPY:
        return True
    size = before.state.size
    whole = size // CHUNK_SIZE
    known = captured.digests[:whole]
    if captured.state.size < size or known != before.digests[:whole]:
        return False
    return digests_of(file, size, known) == before.digests


def _beginning(before: Captured | None, state: FileState) -> tuple[str, ...]:
    """Digests of the whole chunks that an append cannot have touched."""
    if before is None or before.state.inode != state.inode or before.state.size > state.size:
        return ()
    return before.digests[: before.state.size // CHUNK_SIZE]


def _captured(
    state: FileState, digests: tuple[str, ...], place: Path, *, is_copy: bool = False
) -> Captured:
    return Captured(state, digests, place, is_copy, is_settled(state))
