"""A drill: read a whole backup back with the restore's own code.

Every chunk of every version is fetched, opened and hashed; nothing is written to disk, because
a cloud function's disk is its memory. Where time runs out, the next drill goes on from there.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from time import monotonic

from shared.archive import Archive, Wanted, read_archive
from shared.drill_report import DrillReport
from shared.errors import StorageError
from shared.fetch import Wanting, fetch
from shared.format import FileEntry
from shared.history import gaps, numbers
from shared.names import timestamp
from shared.progress import Progress
from shared.provider import Reader
from shared.time_limit import NO_LIMIT, TimeLimit

ASKING, READING = 0.5, 0.7  # shares of a time limit: for answers, and for all chunks
MANY_FOREIGN = 20  # objects that are not ours, of which no more are named


@dataclass(frozen=True)
class DrillOptions:
    """What to drill, and how."""

    wanted: Wanted = field(default_factory=Wanted)
    unfinished: DrillReport | None = None  # an earlier drill's, to go on from
    limit: TimeLimit = NO_LIMIT
    threads: int = 4


def drill(
    readers: Iterable[Reader],
    service: str,
    options: DrillOptions | None = None,
    progress: Progress | None = None,
) -> DrillReport:
    """Prove that the wanted backup, by default the newest, can be restored whole.

    Raises:
        NothingMatches, TooNew: as a restore does.
    """
    options = options or DrillOptions()
    started_at, started = datetime.now(UTC), monotonic()
    archive = read_archive(readers, service, options.wanted, options.limit.left(ASKING))
    work = _Drill(archive, options)
    work.read_all(progress or Progress())
    partial = work.is_partial
    around = _Surroundings() if partial else _surroundings(archive)
    complete = not (partial or work.lost or archive.unreadable or archive.unreachable)
    return DrillReport(
        passed=complete and bool(archive.backups),
        partial=partial,
        number=max((one.number for one in archive.backups.values()), default=0),
        backups={address: one.number for address, one in archive.backups.items()},
        started_at=timestamp(started_at),
        seconds=round(monotonic() - started, 3),
        files=len(archive.files),
        versions=sum(len(entry.versions) for entry in archive.files),
        raw_bytes=work.read_bytes,
        lost=work.lost,
        lost_chunks=tuple(sorted(work.lost_chunks)),
        proven=tuple(sorted(work.proven)) if partial else (),
        gaps=tuple(around.gaps),
        unreachable=tuple(archive.unreachable),
        unreadable=tuple(archive.unreadable),
        foreign=None if partial or around.faults else tuple(around.foreign),
        warnings=(*archive.warnings, *around.faults, *around.foreign),
    )


class _Drill:
    """What has been read so far, in this drill and in those that it goes on from."""

    def __init__(self, archive: Archive, options: DrillOptions) -> None:
        self._archive, self._options = archive, options
        before = options.unfinished
        if before and before.backups.keys() != archive.backups.keys():
            before = None  # what it has proven, it has proven of other providers
        self._known = frozenset(before.proven if before else ())
        self._doubtful: Collection[str] = before.lost.keys() if before else ()
        self.proven = set(self._known)
        self.read_bytes = 0  # raw
        self.lost: dict[str, str] = {}  # path to what is missing, and why
        self.lost_chunks: set[str] = set()

    @property
    def is_partial(self) -> bool:
        """Whether time ran out before all had been read."""
        named = set[str]().union(*(entry.all_digests for entry in self._archive.files))
        unread = named - self.proven - self.lost_chunks
        return bool(unread) and self._is_over()

    def read_all(self, progress: Progress) -> None:
        """Read what has not been proven, while there is time."""
        wantings = [*self._wantings()]
        progress.begin(len(self._archive.files), sum(one.version.size for one in wantings))
        for chunk in fetch(self._archive, wantings, self._options.threads, self._is_over):
            fault = chunk.fault
            if chunk.lost:
                self.lost_chunks.add(chunk.digest)
                fault = fault or (
                    f"chunk {chunk.digest} is only there by a name that other backups give it"
                )
            if fault:
                self.lost.setdefault(chunk.wanting.path, fault)
            else:
                self.proven.add(chunk.digest)
                self.read_bytes += len(chunk.raw)
            progress.advance(chunk.wanting.path, len(chunk.raw))

    def _is_over(self) -> bool:
        return self._options.limit.is_over(READING)

    def _wantings(self) -> Iterator[Wanting[str]]:
        """Every version: of files that were found wanting first, and then the newest first."""

        def urgency(entry: FileEntry) -> tuple[bool, int]:
            return entry.path not in self._doubtful, -entry.mtime_ns

        for entry in sorted(self._archive.files, key=urgency):
            for version in entry.versions:
                yield Wanting(entry.path, entry.path, version, proven=self._known)


@dataclass(frozen=True)
class _Surroundings:
    """What lies around the backups: gaps in the numbers, and what is none of ours."""

    gaps: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)  # why a provider could not be looked through


def _surroundings(archive: Archive) -> _Surroundings:
    around = _Surroundings()
    for reader in archive.readers.values():
        try:
            around.gaps.extend(gaps(numbers(reader)))
            foreign = [*islice(reader.foreign(), MANY_FOREIGN)]
        except StorageError as error:
            around.faults.append(f"{reader.address} could not be looked through: {error}")
            continue
        around.foreign.extend(f"{name} in {reader.address} is none of ours" for name in foreign)
    return around
