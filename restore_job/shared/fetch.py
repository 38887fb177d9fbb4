"""Reading versions back, chunk by chunk, on several threads and in order.

Restore and drill share it, so that a drill proves what a restore will do. Where a chunk has no
good copy, an older backup's shorter chunk in its place still gives the file's beginning.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from shared.archive import Archive
from shared.chunk import CHUNK_SIZE
from shared.chunk_store import read_chunk
from shared.errors import ObjectMissing, StorageError
from shared.format import FileEntry, Version
from shared.merge import keeps_one
from shared.names import digest_of
from shared.parallel import in_background, in_threads
from shared.provider import Reader

Key = TypeVar("Key")


@dataclass(frozen=True, eq=False)
class Wanting(Generic[Key]):
    """One version to read.

    `local` may have a chunk's bytes, by digest, on this disk already; chunks that are `proven`
    need no reading at all, and neither do those before number `first`.
    """

    key: Key
    path: str
    version: Version
    local: Callable[[str], bytes | None] = lambda _digest: None
    proven: Collection[str] = ()
    first: int = 0

    @property
    def size(self) -> int:
        """Bytes from the first chunk on."""
        return self.version.size - self.first * CHUNK_SIZE


@dataclass(frozen=True)
class FetchedChunk(Generic[Key]):
    """The next bytes of a version, or why there are no more."""

    wanting: Wanting[Key]
    raw: bytes
    fault: str  # empty if these bytes are all good
    is_last: bool
    digest: str  # of the chunk; empty for an empty file
    lost: bool = False  # whether there is no good copy of it where the backup says


def fetch(
    archive: Archive,
    wanted: Iterable[Wanting[Key]],
    threads: int,
    is_over: Callable[[], bool] = lambda: False,
    patience: Callable[[], float | None] = lambda: None,
) -> Iterator[FetchedChunk[Key]]:
    """Each version's bytes in order, one version after the other.

    What comes after a fault is no part of the version's good beginning. Once `is_over`, no
    further chunk is begun: the last version may end before its last chunk. `patience` has the
    seconds that a chunk is waited for from now on; one that takes longer is left behind likewise.
    """
    parts = (part for one in wanted for part in _parts(one))

    def work(part: _Part[Key]) -> FetchedChunk[Key] | None:
        return None if is_over() else _read_in_time(archive, part, patience())

    for chunk in in_threads(work, parts, threads):
        if chunk is None:
            return
        yield chunk


@dataclass(frozen=True)
class _Part(Generic[Key]):
    """A chunk to fetch, and whose it is."""

    wanting: Wanting[Key]
    offset: int
    length: int
    digest: str  # empty for the nothing that an empty file has

    @property
    def is_last(self) -> bool:
        return self.offset + self.length == self.wanting.version.size


def _parts(wanting: Wanting[Key]) -> list[_Part[Key]]:
    parts = [_Part(wanting, at, size, digest_of(ref)) for at, size, ref in wanting.version.spans()]
    parts = parts or [_Part(wanting, 0, 0, "")]
    return [part for part in parts[wanting.first :] if part.digest not in wanting.proven]


def _read_in_time(
    archive: Archive, part: _Part[Key], seconds: float | None
) -> FetchedChunk[Key] | None:
    """The chunk, or None: storage that sends a byte now and then keeps every call waiting."""
    if seconds is None:
        return _read(archive, part)
    try:
        return in_background(partial(_read, archive, part)).result(seconds)
    except TimeoutError:  # every provider translates its own
        return None


def _read(archive: Archive, part: _Part[Key]) -> FetchedChunk[Key]:
    if not part.length:
        return FetchedChunk(part.wanting, b"", "", part.is_last, "")
    try:
        raw = part.wanting.local(part.digest) or archive.places.read(part.digest, part.length)
    except StorageError as error:
        return _second_best(archive, part, error)
    return FetchedChunk(part.wanting, raw, "", part.is_last, part.digest)


def _second_best(archive: Archive, part: _Part[Key], error: StorageError) -> FetchedChunk[Key]:
    """The same bytes under another name, or else the most that there is of their beginning."""
    lost = isinstance(error, ObjectMissing)
    try:
        raw = archive.read_elsewhere(part.digest, error, part.length)
    except StorageError:
        raw = _shorter(archive, part.wanting, part.offset, part.length)
        return FetchedChunk(
            part.wanting, raw, str(error), is_last=True, digest=part.digest, lost=lost
        )
    return FetchedChunk(part.wanting, raw, "", part.is_last, part.digest, lost)


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

    The oldest backup that has the version tells: what it keeps beside it, it did not begin with.
    Later ones may have kept more only because a lost chunk left them nothing to prove it by.
    """
    older = list(archive.older(wanting.path))
    identity = wanting.version.identity
    oldest = {
        reader: entry
        for reader, entry in older  # newest first, so the last one stays
        if any(version.identity == identity for version in entry.versions)
    }
    kept_beside = {version.identity for entry in oldest.values() for version in entry.versions}
    beginnings = [pair for pair in older if pair[1].identity not in kept_beside]
    return sorted(beginnings, key=lambda pair: pair[1].size, reverse=True)
