"""Reading versions back, chunk by chunk, on several threads and in order.

Restore and drill share it, so that a drill proves what a restore will do. Where a chunk has no
good copy, an older backup's shorter chunk in its place still gives the file's beginning.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Generic, TypeVar

from shared.archive import Archive
from shared.chunk import CHUNK_SIZE
from shared.chunk_store import read_chunk
from shared.errors import ObjectMissing, StorageError
from shared.format import FileEntry, Version
from shared.merge import keeps_one
from shared.names import digest_of
from shared.parallel import in_threads
from shared.provider import Reader

Key = TypeVar("Key")


@dataclass(frozen=True, eq=False)
class Wanting(Generic[Key]):
    """One version to read; `local` may have a chunk's bytes, by digest, on this disk already."""

    key: Key
    path: str
    version: Version
    local: Callable[[str], bytes | None] = lambda _digest: None


@dataclass(frozen=True)
class Piece(Generic[Key]):
    """The next bytes of a version, or why there are no more."""

    wanting: Wanting[Key]
    raw: bytes
    fault: str  # empty if these bytes are all good
    is_last: bool
    lost: str = ""  # digest of the chunk, where there is a fault and no good copy anywhere


def fetch(
    archive: Archive,
    wanted: Iterable[Wanting[Key]],
    threads: int,
    is_over: Callable[[], bool] = lambda: False,
) -> Iterator[Piece[Key]]:
    """Each version's bytes in order, one version after the other.

    What comes after a fault is no part of the version's good beginning. Once `is_over`, no
    further piece is begun: the last version may end before its last piece.
    """
    pieces = ((one, *piece) for one in wanted for piece in _pieces(one.version))
    plan = takewhile(lambda _piece: not is_over(), pieces)
    return in_threads(lambda item: _read(archive, *item), plan, threads)


def _pieces(version: Version) -> list[tuple[int, int, str]]:
    return list(version.pieces()) or [(0, 0, "")]  # an empty file has one piece of nothing


def _read(
    archive: Archive, wanting: Wanting[Key], offset: int, length: int, ref: str
) -> Piece[Key]:
    is_last = offset + length == wanting.version.size
    if not length:
        return Piece(wanting, b"", "", is_last)
    digest = digest_of(ref)
    try:
        raw = wanting.local(digest) or archive.places.read(digest, length)
    except StorageError as error:
        shorter = _shorter(archive, wanting, offset, length)
        lost = digest if isinstance(error, ObjectMissing) else ""
        return Piece(wanting, shorter, str(error), is_last=True, lost=lost)
    return Piece(wanting, raw, "", is_last)


def _shorter(archive: Archive, wanting: Wanting[Key], offset: int, length: int) -> bytes:
    """The most that older backups have of the chunk at `offset`, ending within it.

    Of a file of which only one earlier version is kept, nothing tells what is a beginning.
    """
    if keeps_one(wanting.path):
        return b""
    index = offset // CHUNK_SIZE
    for reader, entry in _beginnings(archive, wanting):
        ends_within = offset < entry.size < offset + length
        if ends_within and entry.digests[:index] == wanting.version.digests[:index]:
            try:
                return read_chunk(reader, entry.chunks[index])
            except StorageError:
                continue  # a shorter one may be good; this version's fault is told already
    return b""


def _beginnings(archive: Archive, wanting: Wanting[Key]) -> list[tuple[Reader, FileEntry]]:
    """The file as older backups have it, longest first, less what it was rewritten from.

    A backup that keeps two versions of a file says that neither continues the other.
    """
    older = list(archive.older(wanting.path))
    kept_beside = {
        version.identity
        for _, entry in older
        if any(version.identity == wanting.version.identity for version in entry.versions)
        for version in entry.versions
    }
    beginnings = [pair for pair in older if pair[1].identity not in kept_beside]
    return sorted(beginnings, key=lambda pair: pair[1].size, reverse=True)
