"""Taking chunks in: each found in the provider already, or fetched from the source, and stored.

Nothing is fetched twice: what an earlier run stored before it was killed, or before it lost a
race, is found by its name and used once its bytes have been checked.
"""

from collections.abc import Collection, Mapping
from threading import Lock

from shared.chunk import compress, decompress, digest, open_frame
from shared.chunk_store import ChunkPlaces, find_chunk, store_chunk
from shared.errors import Malformed, ObjectMissing, SourceChanged
from shared.pieces import Piece
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

    def take(self, piece: Piece) -> tuple[str, str | None]:
        """Take one chunk in; its path, and what was wrong if it had changed.

        Raises:
            SourceError: the source failed.
            StorageError: the provider failed.
        """
        try:
            if not self._find(piece):
                self._fetch(piece)
        except (SourceChanged, Malformed) as error:
            return piece.path, error.message
        return piece.path, None

    def store(self, name: str, raw: bytes) -> None:
        """Store a chunk of which another copy was at hand."""
        self._note(name, store_chunk(self._provider, name, compress(raw)))

    def _find(self, piece: Piece) -> bool:
        raw = find_chunk(self._provider, piece.digest, piece.length)
        if raw is None:
            return False
        if piece.grown_from:
            self.proofs.check(piece.grown_from, raw)
        self._note(piece.digest, piece.digest)
        return True

    def _fetch(self, piece: Piece) -> None:
        frame, new = self._grown(piece) or self._whole(piece)
        ref = store_chunk(self._provider, piece.digest, frame)
        self._note(piece.digest, ref, new, len(frame))

    def _note(self, name: str, ref: str, new: int = 0, stored: int = 0) -> None:
        with self._counting:
            self.stored[name] = ref
            self._places.add(self._provider, {name: ref})
            self.new_bytes += new
            self.stored_bytes += stored

    def _grown(self, piece: Piece) -> tuple[bytes, int] | None:
        """The chunk as the parent's shorter one and the bytes past it, if that is what it is."""
        if piece.grown_from is None:
            return None
        try:
            begun = self._places.read(piece.grown_from.short, piece.grown_from.length)
        except ObjectMissing:
            return None
        rest = piece.length - len(begun)
        frame = self._source.read(piece.path, piece.offset + len(begun), rest, piece.digest)
        raw = begun + decompress(frame, piece.path, limit=rest)
        if digest(raw) != piece.digest:
            return None
        self.proofs.check(piece.grown_from, raw)
        return compress(raw), rest

    def _whole(self, piece: Piece) -> tuple[bytes, int]:
        frame = self._source.read(piece.path, piece.offset, piece.length, piece.digest)
        raw = open_frame(frame, piece.digest, piece.path, piece.length)
        if piece.grown_from:
            self.proofs.check(piece.grown_from, raw)
        return frame, len(raw)

    def _read(self, name: str) -> bytes:
        return self._places.read(name)
