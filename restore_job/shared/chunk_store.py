"""Chunks in providers: stored once, and never believed without their digest.

A chunk found already there is used only while prune cannot be about to delete it (rule 9);
a chunk is read from whichever provider has a good copy.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from secrets import token_hex

from shared.chunk import LARGEST_FRAME, open_frame
from shared.errors import (
    Malformed,
    ObjectDamaged,
    ObjectExists,
    ObjectMissing,
    StorageError,
    StorageUnavailable,
)
from shared.format import Manifest
from shared.names import chunk_name, digest_of
from shared.provider import ObjectInfo, Provider, Reader

TRUSTED_FOR = timedelta(hours=12)  # half of the age at which prune may delete a chunk


def read_chunk(reader: Reader, ref: str, length: int | None = None) -> bytes:
    """The raw bytes of a chunk.

    Raises:
        ObjectMissing, StorageError: it could not be read.
        ObjectDamaged: what is stored is not what its name says.
    """
    name = chunk_name(ref)
    frame = reader.get(name, LARGEST_FRAME)
    try:
        return open_frame(frame, digest_of(ref), name, length)
    except Malformed as error:
        raise ObjectDamaged(f"{error.message} in {reader.address}", name=name) from error


def find_chunk(reader: Reader, digest: str, length: int) -> bytes | None:
    """The raw bytes of a chunk that some writer stored lately, though no manifest names it yet.

    None where there is none, or none that is good and too young for any prune. Raises
    StorageError when that cannot be told.
    """
    try:
        info = reader.stat(chunk_name(digest))
        return read_chunk(reader, digest, length) if _is_trusted(info) else None
    except (ObjectDamaged, ObjectMissing):
        return None


def store_chunk(provider: Provider, digest: str, frame: bytes) -> str:
    """Store a frame that has been checked; the reference under which the chunk now is there."""
    if _is_stored(provider, digest, frame):
        return digest
    fresh = f"{digest}.{token_hex(4)}"
    provider.put(chunk_name(fresh), frame)
    return fresh


def _is_stored(provider: Provider, digest: str, frame: bytes) -> bool:
    name = chunk_name(digest)
    try:
        info = provider.put(name, frame)
    except ObjectMissing:  # deleted between the refused create and a look at what refused it
        return False
    except ObjectExists:
        if not _is_good(provider, digest):
            return False
        info = provider.stat(name)
    return _is_trusted(info)


def _is_trusted(info: ObjectInfo) -> bool:
    return info.created_at > datetime.now(UTC) - TRUSTED_FOR


def _is_good(provider: Provider, digest: str) -> bool:
    try:
        read_chunk(provider, digest)
    except (ObjectDamaged, ObjectMissing):
        return False
    return True


@dataclass(frozen=True)
class ChunkPlaces:
    """Where each chunk may be read: by digest, every provider and reference that names it."""

    places: dict[str, list[tuple[Reader, str]]] = field(default_factory=dict)
    readers: set[Reader] = field(default_factory=set)
    silent: set[Reader] = field(default_factory=set)  # did not answer once: asked last from then on
    had_elsewhere: dict[str, str] = field(default_factory=dict)  # digest to why not where it should

    def add(self, reader: Reader, refs: Mapping[str, str]) -> None:
        """Learn that `reader` should have these chunks, given as digest to reference."""
        self.readers.add(reader)
        for digest, ref in refs.items():
            known = self.places.setdefault(digest, [])
            if (reader, ref) not in known:
                known.append((reader, ref))

    def read(self, digest: str, length: int | None = None) -> bytes:
        """The raw bytes, from the first place that has them.

        Raises:
            StorageUnavailable: a place did not answer, and no other has it.
            ObjectMissing: no place has a good copy; the message says what each has.
        """
        failures: list[StorageError] = []
        for reader, ref in sorted(self.places.get(digest, []), key=self._is_silent):
            try:
                raw = read_chunk(reader, ref, length)
            except StorageError as error:
                failures.append(error)
                if isinstance(error, StorageUnavailable):
                    self.silent.add(reader)
                continue
            if failures:
                self.had_elsewhere[digest] = "; ".join(map(str, failures))
            return raw
        said = "; ".join(str(failure) for failure in failures) or "no manifest names it"
        kind: type[StorageError] = ObjectMissing
        if any(isinstance(failure, StorageUnavailable) for failure in failures):
            kind = StorageUnavailable
        raise kind(f"no good copy of chunk {digest}: {said}", name=digest)

    def read_by_any_name(self, digest: str, length: int | None = None) -> bytes:
        """As `read`, and also by the plain name that no manifest may give it."""
        for reader in self.readers:
            self.add(reader, {digest: digest})
        return self.read(digest, length)

    def _is_silent(self, place: tuple[Reader, str]) -> bool:
        return place[0] in self.silent


def places_of(*backups: tuple[Reader, Manifest]) -> ChunkPlaces:
    """Where the chunks that these backups name should be."""
    places = ChunkPlaces()
    for reader, manifest in backups:
        places.add(reader, manifest.refs())
    return places
