"""Taking chunks in: each found in the provider already, or fetched from the source, and stored.

Nothing is fetched twice: what an earlier run stored before it was killed, or before it lost a
race, is found by its name and used once its bytes have been checked.
"""

from collections.abc import Collection, Mapping
from threading import Lock

from shared.chunk import compress, decompress, digest, open_frame
from shared.chunk_store import ChunkPlaces, find_chunk, store_chunk
from shared.errors import Malformed, ObjectMissing, SourceChanged
from shared.missing_chunks import MissingChunk
from shared.proofs import Proofs
from shared.provider import Provider
from shared.source import Source


class Intake:
    """What one backup has fetched and stored; it outlives lost races."""

    def __init__(self, source: Source, provider: Provider) -> None:
        self._source, self._provider = source, provider
        self._places = ChunkPlaces()
        self._counting = Lock()
        self.stored: dict[str, str] = {}  # digest to reference, for this backup
        self.proofs = Proofs(self._read)
        self.new_bytes = 0  # raw bytes fetched
        self.stored_bytes = 0  # the same, compressed
        self.fetched: dict[str, int] = {}  # digest to stored bytes, of each chunk that was

    @property
    def there(self) -> Collection[str]:
        """The digests of the chunks that the next manifest may name."""
        return self._places.places.keys()

    def begin(self, refs: Mapping[str, str]) -> None:
        """Build on a parent that names these chunks, given as digest to reference.

        Only those, and what was stored just now, are safe from a prune.
        """
        self._places = ChunkPlaces()
        self._places.add(self._provider, {**refs, **self.stored})

    def take(self, chunk: MissingChunk) -> tuple[str, str | None]:
        """Take one chunk in; its path, and what was wrong if it had changed.

        Raises:
            SourceError: the source failed.
            StorageError: the provider failed.
        """
        try:
            if not self._find(chunk):
                self._fetch(chunk)
        except (SourceChanged, Malformed) as error:
            return chunk.path, error.message
        return chunk.path, None

    def store(self, name: str, raw: bytes) -> None:
        """Store a chunk of which another copy was at hand."""
        self._note(name, store_chunk(self._provider, name, compress(raw)))

    def _find(self, chunk: MissingChunk) -> bool:
        raw = find_chunk(self._provider, chunk.digest, chunk.length)
        if raw is None:
            return False
        if chunk.grown_from:
            self.proofs.check(chunk.grown_from, raw)
        self._note(chunk.digest, chunk.digest)
        return True

    def _fetch(self, chunk: MissingChunk) -> None:
        frame, new = self._grown(chunk) or self._whole(chunk)
        ref = store_chunk(self._provider, chunk.digest, frame)
        self._note(chunk.digest, ref, new, len(frame))

    def _note(self, name: str, ref: str, new: int = 0, stored: int = 0) -> None:
        with self._counting:
            self.stored[name] = ref
            self._places.add(self._provider, {name: ref})
            self.new_bytes += new
            self.stored_bytes += stored
            if new:
                self.fetched[name] = stored

    def _grown(self, chunk: MissingChunk) -> tuple[bytes, int] | None:
        """The chunk as the parent's shorter one and the bytes past it, or with a new beginning.

        None where there is no shorter one to be had, or the file has changed meanwhile.
        """
        if chunk.grown_from is None:
            return None
        try:
            begun = self._places.read(chunk.grown_from.short, chunk.grown_from.length)
        except ObjectMissing:
            return None
        rest = self._part(chunk, len(begun), chunk.length - len(begun))
        raw, new = begun + rest, len(rest)
        if digest(raw) != chunk.digest:  # it was rewritten
            raw, new = self._part(chunk, 0, len(begun)) + rest, chunk.length
            if digest(raw) != chunk.digest:
                return None
        self.proofs.check(chunk.grown_from, raw)
        return compress(raw), new

    def _part(self, chunk: MissingChunk, at: int, length: int) -> bytes:
        frame = self._source.read(chunk.path, chunk.offset + at, length, chunk.digest)
        return decompress(frame, chunk.path, limit=length)

    def _whole(self, chunk: MissingChunk) -> tuple[bytes, int]:
        frame = self._source.read(chunk.path, chunk.offset, chunk.length, chunk.digest)
        raw = open_frame(frame, chunk.digest, chunk.path, chunk.length)
        if chunk.grown_from:
            self.proofs.check(chunk.grown_from, raw)
        return frame, len(raw)

    def _read(self, name: str) -> bytes:
        return self._places.read(name)
