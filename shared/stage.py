"""Chunks on their way from a source to a provider, before any manifest names them.

Of each file only what the parent lacks is fetched; where it grew, only the bytes past the
parent's, which also proves that it grew. A file that changed since the snapshot is tried again
with a newer snapshot, and left as the archive has it if it will not hold still.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from threading import Lock
from time import time_ns

from shared.chunk import compress, decompress, digest, open_frame
from shared.chunk_store import ChunkPlaces, places_of, store_chunk
from shared.errors import Malformed, ObjectMissing, SourceChanged, SourceRefused
from shared.format import FileEntry, Manifest, Snapshot, SnapshotFile, Version
from shared.history import every_backup
from shared.merge import Question, lets_go, question
from shared.parallel import in_threads
from shared.proofs import Proofs
from shared.provider import Provider
from shared.source import Source

SNAPSHOTS = 4  # how many are taken for the sake of files that change while they are read


@dataclass(frozen=True)
class Piece:
    """One chunk to fetch, and the shorter one that the parent has in its place, if any."""

    path: str
    offset: int
    length: int
    digest: str
    grown_from: Question | None


class Stage:
    """What one backup has fetched and stored; it outlives lost races, so nothing goes twice."""

    def __init__(self, source: Source, provider: Provider, service: str, threads: int) -> None:
        self._source, self._provider = source, provider
        self._service, self._threads = service, threads
        self._places = ChunkPlaces()
        self._stored: dict[str, str] = {}  # digest to reference
        self._counting = Lock()
        self.proofs = Proofs(self._read)
        self._snapshot: Snapshot | None = None
        self._lost: set[str] = set()  # digests that storage has no good copy of
        self.changed: dict[str, str] = {}  # path to what was wrong at the last try
        self.new_bytes = 0  # raw bytes that the archive did not have
        self.stored_bytes = 0  # of the frames put

    def fill(
        self, parent: Manifest | None, lost: Collection[str] = ()
    ) -> tuple[Snapshot, list[FileEntry]]:
        """Store all that the parent lacks; the snapshot and what it adds to the archive.

        Chunks that are `lost`, given by their digests, count as lacking too.

        Raises:
            SourceError, Malformed: the source cannot be read.
            StorageError: the provider failed.
        """
        refs = parent.refs() if parent else {}
        refs = {digest: ref for digest, ref in refs.items() if digest not in lost}
        self._lost = set(lost) - self._stored.keys()
        # Only what this parent names, or what was stored just now, is safe from a prune.
        self._places = ChunkPlaces()
        self._places.add(self._provider, self._stored | refs)
        known = {entry.path: entry for entry in parent.files} if parent else {}
        forgotten = {entry.path for entry in parent.forgotten} if parent else set()
        for _ in range(SNAPSHOTS):
            snapshot = self._newest_snapshot()
            shown = [file for file in snapshot.files if file.path not in forgotten]
            files = self._what_adds(shown, known)
            results = in_threads(self._store, self._missing(files, known), self._threads)
            faults = {path: fault for path, fault in results if fault}
            # A file may also share a chunk with one that changed.
            unsaved = [file.path for file in files if not self._is_stored(file)]
            self.changed = {path: faults.get(path, "a chunk of it changed") for path in unsaved}
            if not unsaved:
                break
        refs = self._stored | refs
        whole = [file for file in files if file.path not in self.changed]
        return snapshot, [_as_entry(file, refs) for file in whole]

    def recover(self, lost: Collection[str]) -> None:
        """Store lost chunks again of which another backup names a good copy; raises StorageError.

        That copy itself would not do: a prune may be about to delete it (rule 9).
        """
        if not (wanted := set(lost) - self._stored.keys()):
            return
        places = places_of(*every_backup(self._provider, self._service))
        for name in wanted:
            try:
                raw = places.read_by_any_name(name)
            except ObjectMissing:
                continue  # only a logger can have it now; it stays on the list of what is lost
            self._stored[name] = store_chunk(self._provider, name, compress(raw))

    @property
    def stored(self) -> dict[str, str]:
        """Digest to reference, of every chunk that was stored for this backup."""
        return dict(self._stored)

    def _is_stored(self, file: SnapshotFile) -> bool:
        return all(digest in self._places.places for digest in file.digests)

    def _read(self, digest: str) -> bytes:
        return self._places.read(digest)

    def _newest_snapshot(self) -> Snapshot:
        """The snapshot in use, or a newer one if files have changed since."""
        if self._snapshot and not self.changed:
            return self._snapshot
        self._snapshot = snapshot = self._source.snapshot()
        if snapshot.service != self._service:
            raise SourceRefused(
                f"the snapshot is of service {snapshot.service!r}, {self._service!r} expected",
                name=snapshot.service,
                hint="Check SERVICE_NAME on both sides, and SNAPSHOT_URL",
            )
        return snapshot

    def _what_adds(
        self, shown: list[SnapshotFile], known: dict[str, FileEntry]
    ) -> list[SnapshotFile]:
        """The files shown, newest first, less those of which the archive has more or keeps none.

        Those that have a lost chunk stay, for its sake.
        """
        shown = [
            file
            for file in shown
            if self._lost.intersection(file.digests) or not _is_let_go(known.get(file.path), file)
        ]
        longer = {file.path: _longer(known.get(file.path), file) for file in shown}
        asked = [question(file, version) for file in shown for version in longer[file.path]]
        self.proofs.settle(one for one in asked if isinstance(one, Question))
        files = [
            file
            for file in shown
            if self._lost.intersection(file.digests)
            or not any(self._contains(version, file) for version in longer[file.path])
        ]
        return sorted(files, key=lambda file: file.mtime_ns, reverse=True)

    def _contains(self, version: Version, file: SnapshotFile) -> bool:
        answer = question(file, version)
        if isinstance(answer, Question):
            return (answer.short, answer.long) in self.proofs.proven
        return answer

    def _missing(self, files: list[SnapshotFile], known: dict[str, FileEntry]) -> Iterator[Piece]:
        planned = set(self._places.places)
        for file in files:
            entry = known.get(file.path)
            grown = _growth(entry, file) if entry else None
            for offset, length, name in file.pieces():
                if name not in planned:
                    planned.add(name)
                    at_end = grown if grown and grown.long == name else None
                    yield Piece(file.path, offset, length, name, at_end)

    def _store(self, piece: Piece) -> tuple[str, str | None]:
        """Fetch, check and store one chunk; its path, and what was wrong if it had changed."""
        try:
            frame, new = self._grown(piece) or self._whole(piece)
        except (SourceChanged, Malformed) as error:
            return piece.path, error.message
        ref = store_chunk(self._provider, piece.digest, frame)
        with self._counting:
            self._stored[piece.digest] = ref
            self._places.add(self._provider, {piece.digest: ref})
            self.new_bytes += new
            self.stored_bytes += len(frame)
        return piece.path, None

    def _grown(self, piece: Piece) -> tuple[bytes, int] | None:
        """The chunk as the parent's shorter one and the bytes past it, if that is what it is."""
        if piece.grown_from is None:
            return None
        try:
            begun = self._places.read(piece.grown_from.short, piece.grown_from.length)
        except ObjectMissing:
            return None
        rest = piece.length - len(begun)
        frame = self._source.read(piece.path, piece.offset + len(begun), rest)
        raw = begun + decompress(frame, piece.path, limit=rest)
        if digest(raw) != piece.digest:
            return None
        self.proofs.check(piece.grown_from, raw)
        return compress(raw), rest

    def _whole(self, piece: Piece) -> tuple[bytes, int]:
        frame = self._source.read(piece.path, piece.offset, piece.length)
        raw = open_frame(frame, piece.digest, piece.path, piece.length)
        if piece.grown_from:
            self.proofs.check(piece.grown_from, raw)
        return frame, len(raw)


def _is_let_go(entry: FileEntry | None, file: SnapshotFile) -> bool:
    return entry is not None and lets_go(entry, file)


def _longer(entry: FileEntry | None, file: SnapshotFile) -> list[Version]:
    """The archive's versions that may hold more than the file shown."""
    versions = entry.versions if entry else ()
    return [version for version in versions if version.size > file.size]


def _growth(entry: FileEntry, file: SnapshotFile) -> Question | None:
    """What is to be proven if the file has only grown since the parent."""
    answer = question(entry, file)
    return answer if isinstance(answer, Question) else None


def _as_entry(file: SnapshotFile, refs: dict[str, str]) -> FileEntry:
    """The file as the archive would name it; a time in the future counts as now."""
    return FileEntry(
        path=file.path,
        size=file.size,
        mtime_ns=min(file.mtime_ns, time_ns()),
        chunks=tuple(refs[digest] for digest in file.digests),
    )
