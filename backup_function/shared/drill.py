"""A drill: read a whole backup back with the restore's own code, and keep the verdict.

Every chunk of every version is fetched, opened and hashed; nothing is written to disk, because
a cloud function's disk is its memory.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from time import monotonic

from pydantic import ConfigDict, Field

from shared.archive import Archive, Wanted, read_archive
from shared.document import Document, encode
from shared.errors import LostRace, ObjectExists
from shared.fetch import Wanting, fetch
from shared.names import drill_name, timestamp
from shared.provider import Provider, Reader
from shared.restore import Progress

SAME_SECOND = 10  # drills that may begin in it: each further one is named for the next second


class DrillReport(Document):
    """The verdict on the archive as a restore would find it now."""

    model_config = ConfigDict(title="drill report")

    passed: bool
    number: int  # of the newest backup that could be read; 0 for none
    backups: dict[str, int] = Field(default_factory=dict)  # provider's address to number
    started_at: str
    seconds: float
    files: int = 0
    versions: int = 0  # current and earlier ones
    raw_bytes: int = 0
    lost: dict[str, str] = Field(default_factory=dict)  # path to what is missing, and why
    lost_chunks: tuple[str, ...] = ()  # digests of which there is no good copy
    unreachable: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def is_first_boot(self) -> bool:
        """Every provider answered and is empty: nothing to prove, and nothing wrong."""
        return not (self.backups or self.unreachable or self.unreadable)


def drill(
    readers: Iterable[Reader],
    service: str,
    wanted: Wanted | None = None,
    threads: int = 4,
    progress: Progress | None = None,
) -> DrillReport:
    """Prove that the wanted backup, by default the newest, can be restored whole.

    Raises:
        NothingMatches, TooNew: as a restore does.
    """
    started_at, started = datetime.now(UTC), monotonic()
    archive = read_archive(readers, service, wanted)
    read, lost, chunks = _read_all(archive, threads, progress or Progress())
    complete = not (lost or archive.unreadable or archive.unreachable)
    return DrillReport(
        passed=complete and bool(archive.backups),
        number=max((one.number for one in archive.backups.values()), default=0),
        backups={address: one.number for address, one in archive.backups.items()},
        started_at=timestamp(started_at),
        seconds=round(monotonic() - started, 3),
        files=len(archive.files),
        versions=sum(len(entry.versions) for entry in archive.files),
        raw_bytes=read,
        lost=lost,
        lost_chunks=tuple(sorted(chunks)),
        unreachable=tuple(archive.unreachable),
        unreadable=tuple(archive.unreadable),
        warnings=tuple(archive.warnings),
    )


def store_report(provider: Provider, report: DrillReport) -> str:
    """Keep the verdict with the backups: prune never drops the newest one that passed.

    Raises:
        LostRace: as many drills began in these seconds as have names.
        StorageError: it could not be kept.
    """
    started_at = datetime.fromisoformat(report.started_at)
    for seconds in range(SAME_SECOND):
        name = drill_name(report.number, started_at + timedelta(seconds=seconds))
        try:
            provider.put(name, encode(report))
        except ObjectExists:
            continue
        return name
    raise LostRace(f"{SAME_SECOND} drills of backup {report.number} began at once", name=name)


def _read_all(
    archive: Archive, threads: int, progress: Progress
) -> tuple[int, dict[str, str], set[str]]:
    """Raw bytes read, what could not be, and the chunks that are lost."""
    progress.begin(len(archive.files), sum(v.size for e in archive.files for v in e.versions))
    read, lost, chunks = 0, dict[str, str](), set[str]()
    for piece in fetch(archive, _wantings(archive), threads):
        fault = piece.fault
        if piece.lost:
            chunks.add(piece.lost)
            fault = (
                fault or f"chunk {piece.lost} is only there by a name that other backups give it"
            )
        if fault:
            lost.setdefault(piece.wanting.path, fault)
        else:
            read += len(piece.raw)
            progress.advance(piece.wanting.path, len(piece.raw))
    return read, lost, chunks


def _wantings(archive: Archive) -> Iterator[Wanting[str]]:
    for entry in archive.files:
        for version in entry.versions:
            yield Wanting(entry.path, entry.path, version)
