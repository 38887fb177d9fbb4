"""Letting go of backups that the retention policy no longer keeps, then of unnamed chunks.

It proves that nothing is lost before it deletes anything (rules 4 and 9), and deletes chunks
only when it could read every backup that stays.
"""

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta

from shared.chunk_store import ChunkPlaces
from shared.drill import DrillReport
from shared.errors import Malformed, StorageError
from shared.format import LARGEST_DOCUMENT, Manifest, parse
from shared.history import read_manifest
from shared.merge import lacking, questions
from shared.names import BACKUPS, CHUNKS, DRILLS, SCRATCH, number_of, ref_of
from shared.proofs import Proofs
from shared.provider import ObjectInfo, Provider

YOUNGEST_BACKUP = timedelta(hours=1)  # a younger one may be some slow writer's parent (rule 3)
YOUNGEST_CHUNK = timedelta(hours=24)  # a younger one may be waiting for its manifest (rule 9)


@dataclass(frozen=True)
class Retention:
    """Which backups to keep: the newest few, and the last one of each of the newest days."""

    keep_last: int = 48
    keep_daily: int = 30


@dataclass
class PruneReport:
    """What a prune did."""

    provider: str
    kept: list[int] = field(default_factory=list)
    dropped: list[int] = field(default_factory=list)
    chunks_kept: int = 0
    chunks_dropped: int = 0
    bytes_freed: int = 0  # as stored
    warnings: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def prune(
    provider: Provider, service: str, retention: Retention, now: datetime | None = None
) -> PruneReport:
    """Drop what the policy no longer keeps; raises StorageError, TooNew."""
    work = _Prune(provider, service, now or datetime.now(UTC))
    work.drop_backups(retention)
    work.drop_chunks()
    work.drop_scratch()
    provider.sweep()
    return work.report


class _Prune:
    def __init__(self, provider: Provider, service: str, now: datetime) -> None:
        self._provider, self._service, self._now = provider, service, now
        self.report = PruneReport(provider.address)
        self._infos: dict[int, ObjectInfo] = {}
        self._manifests: dict[int, Manifest] = {}
        for info in provider.list(BACKUPS):
            if (number := number_of(info.name)) is not None:
                self._infos[number] = info
                self._read(number)

    def _read(self, number: int) -> None:
        try:
            manifest = read_manifest(self._provider, number)
        except StorageError as error:
            self.report.warnings.append(
                f"backup {number} cannot be read and stays: {error.message}"
            )
            return
        if manifest.service == self._service:
            self._manifests[number] = manifest
        else:
            self.report.warnings.append(
                f"backup {number} is of another service, {manifest.service!r}, and stays"
            )

    def drop_backups(self, retention: Retention) -> None:
        """Delete the backups that the policy lets go and that the newest one contains."""
        keep = wanted_numbers(self._manifests, retention) | self._last_drilled()
        newest = max(self._manifests, default=0)
        for number, info in self._infos.items():
            young = info.created_at > self._now - YOUNGEST_BACKUP
            if number not in self._manifests or number in keep or young or number >= newest:
                self.report.kept.append(number)
            elif gone := self._would_lose(self._manifests[number], self._manifests[newest]):
                names = ", ".join(gone)
                self.report.warnings.append(f"backup {number} stays: the newest lacks {names}")
                self.report.kept.append(number)
            else:
                self._provider.delete(info.name, info.generation)
                self.report.dropped.append(number)

    def drop_chunks(self) -> None:
        """Delete old chunks that no kept backup names; none at all if one could not be read."""
        if any(number not in self._manifests for number in self.report.kept):
            self.report.warnings.append("no chunk was deleted: a kept backup may name it")
            return
        named = {ref for n in self.report.kept for ref in _all_refs(self._manifests[n])}
        if not named:
            return
        for info in self._provider.list(CHUNKS):
            if ref_of(info.name) in named or info.created_at > self._now - YOUNGEST_CHUNK:
                self.report.chunks_kept += 1
            elif ref_of(info.name):
                self._provider.delete(info.name, info.generation)
                self.report.chunks_dropped += 1
                self.report.bytes_freed += info.size

    def drop_scratch(self) -> None:
        """Delete what old runs of the doctor could not."""
        for info in self._provider.list(SCRATCH):
            if info.created_at < self._now - YOUNGEST_CHUNK:
                self._provider.delete(info.name, info.generation)

    def _would_lose(self, old: Manifest, newest: Manifest) -> list[str]:
        places = ChunkPlaces()
        places.add(self._provider, newest.refs())
        proofs = Proofs(places.read)
        proofs.settle(questions(old.files, newest.files))
        # What the newest says it forgot is no licence: a stolen key could have written that.
        return lacking(old.files, newest.files, proofs.proven)

    def _last_drilled(self) -> set[int]:
        """The number of the newest backup that passed a drill."""
        passed = set()
        for info in self._provider.list(DRILLS):
            try:
                report = parse(
                    DrillReport, self._provider.get(info.name, LARGEST_DOCUMENT), info.name
                )
            except (Malformed, StorageError) as error:
                self.report.warnings.append(f"{info.name} cannot be read: {error.message}")
                continue
            if report.passed and report.number in self._manifests:
                passed.add(report.number)
        return {max(passed)} if passed else set()


def wanted_numbers(manifests: dict[int, Manifest], retention: Retention) -> set[int]:
    """The numbers that the policy keeps."""
    numbers = sorted(manifests, reverse=True)
    last_of_day: dict[str, int] = {}
    for number in numbers:
        last_of_day.setdefault(manifests[number].created_at[:10], number)
    daily = list(last_of_day.values())[: retention.keep_daily]
    return {*numbers[: retention.keep_last], *daily}


def _all_refs(manifest: Manifest) -> set[str]:
    versions = (version for entry in manifest.files for version in entry.versions)
    return {ref for version in versions for ref in version.chunks}
