"""One file, captured whole while others may be writing to it.

A file that holds still, or only grows, is hashed where it lies. One that others rewrite (every
JSON, and any file that changed otherwise while it was read) is copied between two equal looks at
its state, a JSON only if it parses, and later served from that copy.
"""

import json
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from time import monotonic, sleep, time_ns
from typing import BinaryIO

import ijson

from shared.chunk import CHUNK_SIZE, digest, spans
from shared.errors import SourceChanged
from shared.plain_file import FileState, has_name, open_plain, read_exactly, state_of

LARGEST_COPY = 64 * 1024 * 1024  # bytes; a larger file is hashed where it lies
PARSED_AT_ONCE = 16 * 1024  # bytes; of more, what the parser tells outgrows the caches
PATIENCE_SECONDS = 2.0  # for a file that changes whenever it is looked at
ROW_PATIENCE_SECONDS = 0.02  # for a table's last row; if its end never comes, it is what there is
PAUSE_SECONDS = 0.002  # between two looks: nothing tells when a foreign writer is done
# A change within the clock's grain of the last one leaves the times as they were: what was read
# so soon after a change is not believed again by its state alone. Only the time of the change of
# the file's status tells: that of its content can be set to anything.
SETTLED_NS = 1_000_000_000


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
    with open_plain(place) as file:
        state = _first_look(file, place)
        if before and before.still_holds(state):
            return before
        if place.suffix != ".json" or state.size > LARGEST_COPY:
            known = _beginning(before, state) if appended else ()
            try:
                captured = _captured(state, _hash(file, state.size, known), place)
                if appended or _still_there(file, captured):
                    return captured
            except SourceChanged:  # it has become shorter
                if state.size > LARGEST_COPY:
                    raise
            if state.size > LARGEST_COPY:
                return _with_warning(
                    captured, "changed while it was read, and is too large to copy"
                )
    return _copy(place, copies)


def _still_there(file: BinaryIO, captured: Captured) -> bool:
    """Whether what was read lies there unchanged: a table may have grown past it meanwhile."""
    state = state_of(file)
    if state == captured.state:
        return True
    grew = captured.place.suffix != ".json" and state.size > captured.state.size
    return grew and _hash(file, captured.state.size, ()) == captured.digests


def _first_look(file: BinaryIO, place: Path) -> FileState:
    """The state of an open file; of a table in the middle of a row, a moment later if that helps.

    Even what is appended with one call appears page by page.
    """
    deadline = monotonic() + ROW_PATIENCE_SECONDS
    while True:
        state = state_of(file)
        is_table = place.suffix == ".csv" and not _is_settled(state)
        if not (is_table and _ends_within_a_row(file, state.size)) or monotonic() > deadline:
            return state
        sleep(PAUSE_SECONDS)


def _ends_within_a_row(file: BinaryIO, size: int) -> bool:
    file.seek(max(0, size - 1))
    return file.read(1) not in (b"\n", b"")  # nothing if it is empty, or shorter by now


def _beginning(before: Captured | None, state: FileState) -> tuple[str, ...]:
    """Digests of the whole chunks that an append cannot have touched."""
    if before is None or before.state.inode != state.inode or before.state.size > state.size:
        return ()
    return before.digests[: before.state.size // CHUNK_SIZE]


def _hash(file: BinaryIO, size: int, known: tuple[str, ...]) -> tuple[str, ...]:
    rest = list(spans(size))[len(known) :]
    return known + tuple(digest(read_exactly(file, at, length)) for at, length in rest)


def _copy(place: Path, copies: Path) -> Captured:
    """Copy until two looks agree and a JSON parses."""
    deadline = monotonic() + PATIENCE_SECONDS
    copies.mkdir(parents=True, exist_ok=True)
    while True:
        copy = copies / token_hex(8)
        try:
            captured, fault = _copy_once(place, copy)
        except BaseException:
            copy.unlink(missing_ok=True)
            raise
        if captured and (not fault or captured.settled):
            return _with_warning(captured, fault) if fault else captured
        copy.unlink()
        if monotonic() > deadline:
            raise SourceChanged(f"{fault} whenever it was read for {PATIENCE_SECONDS:g} s")
        sleep(PAUSE_SECONDS)


def _copy_once(place: Path, copy: Path) -> tuple[Captured | None, str]:
    """One try: what was copied between two equal looks, and what is wrong with it."""
    with open_plain(place) as file, copy.open("xb") as target:
        found = _copy_still(file, target, _first_look(file, place))
        if not found and not has_name(file):  # replaced, so its writer has done with it
            found = _copy_still(file, target, state_of(file))
    if not found:
        return None, "it changed"
    captured = _captured(*found, copy, is_copy=True)
    if place.suffix == ".json" and (fault := _json_fault(copy)):
        return captured, fault
    return captured, ""


def _copy_still(
    file: BinaryIO, target: BinaryIO, state: FileState
) -> tuple[FileState, tuple[str, ...]] | None:
    """Copy an open file in this state; the state and digests, or None if it changed meanwhile.

    After a late change equal states are no proof. The same bytes read twice are: what was half
    old and half new the first time is all new the second time.
    """
    is_settled = _is_settled(state)
    target.seek(0)
    target.truncate()
    try:
        digests = tuple(_copy_chunks(file, target, state.size))
        if not is_settled and _hash(file, state.size, ()) != digests:
            return None
    except SourceChanged:
        return None
    return (state, digests) if state == state_of(file) else None


def _copy_chunks(file: BinaryIO, target: BinaryIO, size: int) -> Iterator[str]:
    for offset, length in spans(size):
        raw = read_exactly(file, offset, length)
        target.write(raw)
        yield digest(raw)


def _json_fault(copy: Path) -> str:
    """Why this is not a whole JSON document, or nothing if it is.

    What fits in a chunk is read as Python reads it, NaN included; more is read as a stream.
    """
    parse: Callable[[BinaryIO], object] = _drain if copy.stat().st_size > CHUNK_SIZE else json.load
    try:
        with copy.open("rb") as file:
            parse(file)
    except (ValueError, RecursionError, ijson.JSONError) as error:
        return f"it was not valid JSON ({str(error).splitlines()[0]})"
    return ""


def _drain(file: BinaryIO) -> None:
    deque(ijson.basic_parse(file, buf_size=PARSED_AT_ONCE), maxlen=0)


def _captured(
    state: FileState, digests: tuple[str, ...], place: Path, *, is_copy: bool = False
) -> Captured:
    return Captured(state, digests, place, is_copy, _is_settled(state))


def _is_settled(state: FileState) -> bool:
    return time_ns() - state.ctime_ns > SETTLED_NS


def _with_warning(captured: Captured, warning: str) -> Captured:
    kept = (captured.state, captured.digests, captured.place, captured.is_copy, captured.settled)
    return Captured(*kept, warning=warning)
