"""A copy of a file that others rewrite: taken between two equal looks at it, and whole.

A JSON is whole if it parses. Nothing else tells when a foreign writer is done.
"""

import json
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_hex
from time import monotonic, sleep
from typing import BinaryIO, NamedTuple

import ijson

from shared.chunk import CHUNK_SIZE, digest, spans
from shared.errors import SourceChanged
from shared.names import is_json
from shared.plain_file import (
    PAUSE_SECONDS,
    FileState,
    first_look,
    has_name,
    is_settled,
    open_plain,
    read_exactly,
    state_of,
)

# Bytes. Of more, what the parser tells outgrows the caches; of less, a long text takes for ever,
# because it is put together anew with each portion.
PARSED_AT_ONCE = 256 * 1024
PATIENCE_SECONDS = 2.0  # for a file that changes whenever it is looked at


class StillCopy(NamedTuple):
    """A copy, and what was copied."""

    state: FileState  # of the original
    digests: tuple[str, ...]  # of its chunks
    place: Path
    fault: str  # why it is not whole, empty if it is


def copy_still(place: Path, copies: Path) -> StillCopy:
    """Copy the file at `place` into the folder `copies`, until it is whole.

    Raises:
        SourceChanged: it would not hold still, or a JSON never parsed.
        OSError: it cannot be read, or not be copied.
    """
    deadline = monotonic() + PATIENCE_SECONDS
    copies.mkdir(parents=True, exist_ok=True)
    while True:
        copy = copies / token_hex(8)
        try:
            copied = _copy_once(place, copy)
        except BaseException:
            copy.unlink(missing_ok=True)
            raise
        if copied and (not copied.fault or is_settled(copied.state)):
            return copied
        copy.unlink()
        if monotonic() > deadline:
            fault = copied.fault if copied else "it changed"
            raise SourceChanged(f"{fault} whenever it was read for {PATIENCE_SECONDS:g} s")
        sleep(PAUSE_SECONDS)


def _copy_once(place: Path, copy: Path) -> StillCopy | None:
    """One try: what was copied between two equal looks, or None if it changed meanwhile."""
    with open_plain(place) as file, copy.open("xb") as target:
        found = _copy_between_looks(file, target, first_look(file, place))
        if not found and not has_name(file):  # replaced, so its writer has done with it
            found = _copy_between_looks(file, target, state_of(file))
    if not found:
        return None
    fault = json_fault(copy) if is_json(place.name) else ""
    return StillCopy(*found, copy, fault)


def _copy_between_looks(
    file: BinaryIO, target: BinaryIO, state: FileState
) -> tuple[FileState, tuple[str, ...]] | None:
    """Copy an open file in this state; the state and digests, or None if it changed meanwhile.

    After a late change equal states are no proof. The same bytes read twice are: what was half
    old and half new the first time is all new the second time.
    """
    was_settled = is_settled(state)
    target.seek(0)
    target.truncate()
    try:
        digests = tuple(_copy_chunks(file, target, state.size))
        if not was_settled and digests_of(file, state.size) != digests:
            return None
    except SourceChanged:
        return None
    return (state, digests) if state == state_of(file) else None


def _copy_chunks(file: BinaryIO, target: BinaryIO, size: int) -> Iterator[str]:
    for offset, length in spans(size):
        raw = read_exactly(file, offset, length)
        target.write(raw)
        yield digest(raw)


def json_fault(place: Path) -> str:
    """Why this is not a whole JSON document, or nothing if it is.

    What fits in a chunk is read as Python reads it, NaN included; more is read as a stream.
    """
    parse: Callable[[BinaryIO], object] = _drain if place.stat().st_size > CHUNK_SIZE else json.load
    try:
        with place.open("rb") as file:
            parse(file)
    except (ValueError, RecursionError, ijson.JSONError) as error:
        return f"it was not valid JSON ({str(error).splitlines()[0]})"
    return ""


def _drain(file: BinaryIO) -> None:
    deque(ijson.basic_parse(file, buf_size=PARSED_AT_ONCE), maxlen=0)


def digests_of(file: BinaryIO, size: int, known: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The digests of an open file's chunks, of which the first ones may be `known`."""
    rest = list(spans(size))[len(known) :]
    return known + tuple(digest(read_exactly(file, at, length)) for at, length in rest)
