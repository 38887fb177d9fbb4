"""Letting go of backups that the retention policy no longer keeps, then of unnamed chunks.

It proves that nothing is lost before it deletes anything (rules 4 and 9), and deletes chunks
only when it could read every backup that stays.
"""

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta

from shared.chunk_store import places_of
from shared.drill_report import every_report
from shared.errors import StorageError
from shared.format import EarlierVersion, FileEntry, Manifest
from shared.history import read_manifest
from shared.merge import doubts, lacking, questions
from shared.names import BACKUPS, CHUNKS, SCRATCH, digest_of, number_of, ref_of
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
        self._earlier: dict[EarlierVersion, EarlierVersion] = {}
        for info in provider.list(BACKUPS):
            if (number := number_of(info.name)) is not None:
                self._infos[number] = info
                self._read(number)
        self._drills = every_report(provider, self.report.warnings)
        # After the manifests: all that those name was stored before them.
        chunks = ((ref_of(info.name), info) for info in provider.list(CHUNKS))
        self._chunks = {ref: info for ref, info in chunks if ref}

    def _read(self, number: int) -> None:
        try:
            manifest = read_manifest(self._provider, number)
        except StorageError as error:
            self.report.warnings.append(
                f"backup {number} cannot be read and stays: {error.message}"
            )
            return
        if manifest.service == self._service:
            self._manifests[number] = self._sharing(manifest)
        else:
            self.report.warnings.append(
                f"backup {number} is of another service, {manifest.service!r}, and stays"
            )

    def _sharing(self, manifest: Manifest) -> Manifest:
        """The manifest; an earlier version that others name too is in memory only once.

        A file that is rewritten all the time has thousands of them, in each of a hundred backups.
        """
        files = tuple(
            entry.model_copy(
                update={"earlier": tuple(self._earlier.setdefault(v, v) for v in entry.earlier)}
            )
            for entry in manifest.files
        )
        return manifest.model_copy(update={"files": files})

    def drop_backups(self, retention: Retention) -> None:
        """Delete the backups that the policy lets go and that the newest one contains."""
        newest = self._manifests.get(max(self._manifests, default=0))
        keep = wanted_numbers(self._manifests, retention) | self._last_drilled()
        old = [number for number in self._manifests if self._may_go(number) and number not in keep]
        lost = self._would_lose([self._manifests[number] for number in old], newest)
        for number, info in self._infos.items():
            if number in old and not lost[number]:
                self._provider.delete(info.name, info.generation)
                self.report.dropped.append(number)
                continue
            self.report.kept.append(number)
            if names := ", ".join(lost.get(number, ())):
                self.report.warnings.append(f"backup {number} stays: the newest lacks {names}")

    def drop_chunks(self) -> None:
        """Delete old chunks that no kept backup names.

        None at all if a backup could not be read, or names a chunk that is not there and not yet
        known as lost: then what seems to be superfluous may be what is needed to mend it.
        """
        if any(number not in self._manifests for number in self.report.kept):
            self.report.warnings.append("no chunk was deleted: a kept backup may name it")
            return
        kept = [self._manifests[number] for number in self.report.kept]
        named = {ref for one in kept for entry in one.files for ref in entry.all_refs}
        named.update(*(one.staged for one in kept))
        if not named:
            return
        known = self._manifests[max(self.report.kept)].lost
        missing = {ref for ref in named - self._chunks.keys() if digest_of(ref) not in known}
        if missing:
            count, one = len(missing), min(missing)
            self.report.warnings.append(
                f"no chunk was deleted: {count} that kept backups name are missing, such as {one}"
            )
            return
        for ref, info in self._chunks.items():
            if ref in named or info.created_at > self._now - YOUNGEST_CHUNK:
                self.report.chunks_kept += 1
            else:
                self._provider.delete(info.name, info.generation)
                self.report.chunks_dropped += 1
                self.report.bytes_freed += info.size

    def drop_scratch(self) -> None:
        """Delete what old runs of the doctor could not."""
        for info in self._provider.list(SCRATCH):
            if info.created_at < self._now - YOUNGEST_CHUNK:
                self._provider.delete(info.name, info.generation)

    def _may_go(self, number: int) -> bool:
        """Whether it is neither the newest nor young."""
        old = self._infos[number].created_at <= self._now - YOUNGEST_BACKUP
        return old and number < max(self._manifests)

    def _would_lose(self, old: list[Manifest], newest: Manifest | None) -> dict[int, list[str]]:
        """By number, the paths of which the newest does not hold all that an old backup held.

        What the newest says it forgot is no licence: a stolen key could have written that. Nor
        does a file count as held of which a chunk is not there, unless it lacks it there too.
        """
        if newest is None:
            return {}
        proofs = Proofs(places_of((self._provider, newest)).read)
        proofs.settle(one for manifest in old for one in questions(manifest.files, newest.files))
        for manifest in old:
            proofs.settle(doubts(manifest.files, newest.files, proofs.proven))
        there = self._chunks.keys() - self._found_bad()
        whole = [entry for entry in newest.files if entry.all_refs <= there]
        named = {entry.path: _versions(entry) for entry in newest.files}
        lost = {}
        for one in old:
            more = [e for e in one.files if not _versions(e) <= named.get(e.path, set())]
            lost[one.number] = lacking(more, whole, proofs.proven)
        return lost

    def _found_bad(self) -> set[str]:
        """The references of chunks that the newest drill could not read."""
        if not self._drills or (drilled := self._manifests.get(self._drills[-1].number)) is None:
            return set()
        return {drilled.refs().get(digest, digest) for digest in self._drills[-1].lost_chunks}

    def _last_drilled(self) -> set[int]:
        """The number of the newest backup that passed a drill."""
        passed = {report.number for report in self._drills if report.passed}
        there = passed & self._manifests.keys()
        return {max(there)} if there else set()


def wanted_numbers(manifests: dict[int, Manifest], retention: Retention) -> set[int]:
    """The numbers that the policy keeps."""
    numbers = sorted(manifests, reverse=True)
    last_of_day: dict[str, int] = {}
    for number in numbers:
        last_of_day.setdefault(manifests[number].created_at[:10], number)
    daily = list(last_of_day.values())[: retention.keep_daily]
    return {*numbers[: retention.keep_last], *daily}


def _versions(entry: FileEntry) -> set[tuple[str, ...]]:
    """What a backup names of a file, and where it says it is stored."""
    return {version.chunks for version in entry.versions}
