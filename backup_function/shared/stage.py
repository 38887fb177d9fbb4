"""What a snapshot adds, staged: its chunks stored in the provider before any manifest names them.

A file that changed since the snapshot is tried again with a newer one, and left as the archive
has it if it will not hold still. Where time runs out or the logger goes away, what is whole and
the beginnings of long files count, and the rest follows in the next run (rule 13).
"""

from collections.abc import Collection
from itertools import takewhile
from time import time_ns

from shared.chunk_store import places_of
from shared.errors import ObjectMissing, SourceError, SourceRefused
from shared.format import FileEntry, Snapshot, SnapshotFile
from shared.history import Parent, every_backup
from shared.intake import Intake
from shared.missing_chunks import MissingChunk, beginning, missing_chunks, what_adds
from shared.names import digest_of
from shared.parallel import in_threads
from shared.progress import Progress
from shared.provider import Provider
from shared.source import Source
from shared.time_limit import TimeLimit

SNAPSHOTS = 4  # how many are taken for the sake of files that change while they are read
FETCHING = 0.6  # share of a time limit after which no further chunk is begun


class Stage:
    """What one backup brings in, however many attempts it takes."""

    def __init__(
        self, source: Source, provider: Provider, service: str, limit: TimeLimit, threads: int
    ) -> None:
        self._source, self._provider = source, provider
        self._service, self._limit, self._threads = service, limit, threads
        self.intake = Intake(source, provider)
        self.progress = Progress()  # told how far it is
        self._snapshot: Snapshot | None = None
        self.changed: dict[str, str] = {}  # path to what was wrong at the last try
        self.later: list[str] = []  # paths that are not here, or not whole, for want of time
        self.staged: tuple[str, ...] = ()  # references of chunks of theirs that are here
        self.broken_off: SourceError | None = None  # why the source gave no more

    def fill(self, parent: Parent, lost: Collection[str] = ()) -> tuple[Snapshot, list[FileEntry]]:
        """Store all that the parent lacks; the snapshot and what it adds to the archive.

        Chunks that are `lost`, given by their digests, count as lacking too.

        Raises:
            SourceError, Malformed: the source shows nothing.
            StorageError: the provider failed.
        """
        named = parent.manifest.refs() if parent.manifest else {}
        refs = {digest: ref for digest, ref in named.items() if digest not in lost}
        self.intake.begin(refs)
        missed = set(lost) - self.intake.stored.keys()
        known, forgotten = {entry.path: entry for entry in parent.files}, parent.forgotten_paths
        for _ in range(SNAPSHOTS):
            snapshot = self._newest_snapshot()
            shown = [file for file in snapshot.files if file.path not in forgotten]
            files = what_adds(shown, known, self.intake.proofs, missed)
            faults = self._take_in(files, known)
            # A file may also share a chunk with one that changed.
            unsaved = [file.path for file in files if not self._is_stored(file)]
            self._sort_out(unsaved, faults)
            if not self.changed:
                break
        refs = self.intake.stored | refs
        kept = (self._what_is_here(file, known.get(file.path)) for file in files)
        entries = [_as_entry(file, refs) for file in kept if file]
        self.staged = self._staged(files, refs, parent, entries)
        return snapshot, entries

    def recover(self, lost: Collection[str]) -> None:
        """Store lost chunks again of which another backup names a good copy; raises StorageError.

        That copy itself would not do: a prune may be about to delete it (rule 9).
        """
        wanted = set(lost) - self.intake.stored.keys()
        if not wanted or self._limit.is_over(FETCHING):
            return
        places = places_of(*every_backup(self._provider, self._service))
        for digest in wanted:
            try:
                self.intake.store(digest, places.read_by_any_name(digest))
            except ObjectMissing:
                continue  # only a logger can have it now; it stays on the list of what is lost

    def _take_in(self, files: list[SnapshotFile], known: dict[str, FileEntry]) -> dict[str, str]:
        """Take in what is missing, as long as there is time; path to fault where one changed."""
        chunks = [*missing_chunks(files, known, self.intake.there)]
        paths = {chunk.path for chunk in chunks}
        self.progress.begin(len(paths), sum(chunk.least_new for chunk in chunks))
        timely = takewhile(lambda _chunk: not self._is_cut, chunks)
        faults = {}
        try:
            for chunk, fault in in_threads(self._take, timely, self._threads):
                self.progress.advance(chunk.path, chunk.least_new)
                if fault:
                    faults[chunk.path] = fault
        except SourceError as error:
            if not self._limit.is_over(FETCHING):  # else it may just have been too slow
                self.broken_off = error
            return {}
        return faults

    def _take(self, chunk: MissingChunk) -> tuple[MissingChunk, str | None]:
        _path, fault = self.intake.take(chunk)
        return chunk, fault

    def _sort_out(self, unsaved: list[str], faults: dict[str, str]) -> None:
        """Of the files that are not all here, which have changed, and which only want time."""
        if self._is_cut:
            self.changed, self.later = {}, unsaved
        else:
            self.changed = {path: faults.get(path, "a chunk of it changed") for path in unsaved}
            self.later = []

    @property
    def _is_cut(self) -> bool:
        """Whether nothing more is to be fetched."""
        return self.broken_off is not None or self._limit.is_over(FETCHING)

    def _is_stored(self, file: SnapshotFile) -> bool:
        return all(digest in self.intake.there for digest in file.digests)

    def _what_is_here(self, file: SnapshotFile, entry: FileEntry | None) -> SnapshotFile | None:
        if self._is_stored(file):
            return file
        if file.path not in self.later:
            return None
        return beginning(file, entry, self.intake.there, self.intake.proofs)

    def _staged(
        self,
        files: list[SnapshotFile],
        refs: dict[str, str],
        parent: Parent,
        entries: list[FileEntry],
    ) -> tuple[str, ...]:
        """References of what is here of the files that are not whole yet, and nowhere named.

        Of files that the source did not show just now, the parent's stay.
        """
        wanted = {digest for file in files if file.path in self.later for digest in file.digests}
        if parent.stored and not self._source.shows_all:
            wanted |= {digest_of(ref) for ref in parent.stored.staged}
        wanted -= set[str]().union(*(entry.all_digests for entry in [*parent.files, *entries]))
        return tuple(sorted(refs[digest] for digest in wanted if digest in self.intake.there))

    def _newest_snapshot(self) -> Snapshot:
        """The snapshot in use, or a newer one if files have changed since."""
        if self._snapshot and not self.changed:
            return self._snapshot
        try:
            snapshot = self._source.snapshot()
        except SourceError as error:
            if self._snapshot is None:
                raise
            self.broken_off = error
            return self._snapshot
        if snapshot.service != self._service:
            raise SourceRefused(
                f"the snapshot is of service {snapshot.service!r}, {self._service!r} expected",
                name=snapshot.service,
                hint="Check SERVICE_NAME on both sides, and SNAPSHOT_URL",
            )
        self._snapshot = snapshot
        return snapshot


def _as_entry(file: SnapshotFile, refs: dict[str, str]) -> FileEntry:
    """The file as the archive would name it; a time in the future counts as now."""
    return FileEntry(
        path=file.path,
        size=file.size,
        mtime_ns=min(file.mtime_ns, time_ns()),
        chunks=tuple(refs[digest] for digest in file.digests),
    )
