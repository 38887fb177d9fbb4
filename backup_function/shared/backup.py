"""A backup: read the newest, fetch what it lacks, merge, and commit under the next number.

Creating the next manifest is the commit. Who loses that race reads the newer one and merges
again; what has been fetched by then stays fetched, and what time allows is committed.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic

from shared.backup_report import BackupReport
from shared.document import LARGEST_DOCUMENT, encode
from shared.errors import LostRace, ObjectExists, SourceError, StorageError
from shared.format import FORMAT, FileEntry, Manifest, Snapshot, Taken, Writer
from shared.history import STALE_SECONDS, Parent, read_parent
from shared.merge import Merged, merge, questions
from shared.names import manifest_name, timestamp
from shared.progress import Progress
from shared.provider import Provider
from shared.prune import Retention
from shared.repair import repair
from shared.rewriting import Pace, rewriting
from shared.source import Source
from shared.stage import FETCHING, Stage
from shared.time_limit import NO_LIMIT, TimeLimit

ATTEMPTS = 20  # at the next number; each one lost means that another writer committed


@dataclass(frozen=True)
class Job:
    """Whose backup it is, why and by whom."""

    service: str
    reason: str
    by: Writer
    lost: frozenset[str] = frozenset()  # digests of chunks that a drill could not read
    retention: Retention = field(default_factory=Retention)  # which backups prune will keep


def backup(  # noqa: PLR0913  the last three have defaults that fit whoever just wants a backup
    source: Source,
    provider: Provider,
    job: Job,
    threads: int = 4,
    limit: TimeLimit = NO_LIMIT,
    *,
    progress: Progress | None = None,
) -> BackupReport:
    """Back up all that the source shows into the provider's archive, or what `limit` allows.

    Chunks that are known to be lost are stored again where the source still has them.

    Raises:
        SourceError, Malformed: the source cannot be read, or is another service's. What it gave
        before it failed is in the archive.
        StorageError: the provider failed, or LostRace after many attempts.
        TooNew: the newest backup was written by a newer version.
    """
    stage = Stage(source, provider, job.service, limit, threads)
    stage.progress = progress or Progress()
    work = _Backup(source, provider, job, limit, stage)
    for _ in range(ATTEMPTS):
        if report := work.attempt():
            return report
    raise LostRace(
        f"{ATTEMPTS} times another writer was first in {provider.address}, "
        f"or the backup took longer than {STALE_SECONDS // 60} minutes",
        hint="Are several schedules firing at this archive? The next run goes on",
    )


@dataclass(frozen=True)
class _News:
    """What the next manifest would say beyond what is carried over."""

    snapshot: Snapshot
    files: tuple[FileEntry, ...]
    rewritten: tuple[str, ...]
    lost: tuple[str, ...]
    staged: tuple[str, ...]
    warnings: tuple[str, ...]
    partial: bool


class _Backup:
    """One backup, however many attempts it takes."""

    def __init__(
        self, source: Source, provider: Provider, job: Job, limit: TimeLimit, stage: Stage
    ) -> None:
        self._source, self._provider, self._job = source, provider, job
        self._limit, self._stage = limit, stage
        self._operations = Counter(provider.operations)
        self._started = monotonic()

    def attempt(self) -> BackupReport | None:
        """Build on the newest backup; None if another writer was first or it became too old."""
        parent = read_parent(self._provider, self._job.service, self._limit)
        news = self._gather(parent, parent.lost | self._job.lost)
        manifest = _next(parent, self._job, news)
        if manifest and not _commit(self._provider, parent, manifest):
            return None
        if error := self._stage.broken_off:
            raise _with_what_was_kept(error, manifest)
        return self._report(parent, manifest, news)

    def _gather(self, parent: Parent, lost: frozenset[str]) -> _News:
        """Fetch what is new and what is lost, and join it into the parent's files."""
        snapshot, entries = self._stage.fill(parent, lost)
        merged = self._merge(parent, entries)
        self._stage.recover(lost.difference(parent.stored.lost if parent.stored else ()))
        repaired = repair(merged.files, lost, self._stage.intake.stored)
        warnings = [*parent.damaged, *parent.warnings, *snapshot.warnings]
        warnings += self._costs(parent, merged)
        warnings += _doubts(snapshot, self._stage, self._provider, self._source)
        warnings += repaired.warnings(merged.files)
        files, gone = repaired.apply(merged.files), tuple(sorted(repaired.lost))
        return _News(
            snapshot,
            files,
            merged.rewritten,
            gone,
            self._stage.staged,
            tuple(warnings),
            partial=bool(self._stage.later) or self._may_lack_more(parent),
        )

    def _may_lack_more(self, parent: Parent) -> bool:
        """Whether the logger had more that was not shown, and that the parent need not have."""
        return not self._source.shows_all and (parent.stored is None or parent.stored.partial)

    def _merge(self, parent: Parent, entries: list[FileEntry]) -> Merged:
        """Join what the snapshot adds into the parent's files."""
        proofs, number = self._stage.intake.proofs, parent.newest_number + 1
        asked = questions(parent.files, entries, proofs.proven)
        proofs.settle(asked, lambda: self._limit.is_over(FETCHING))
        forgotten = parent.forgotten_paths
        return merge(parent.files, entries, proofs.proven, number=number, forgotten=forgotten)

    def _costs(self, parent: Parent, merged: Merged) -> list[str]:
        """What is costly among the files that were rewritten."""
        if parent.manifest is None:
            return []
        seconds = (datetime.now(UTC) - parent.manifest.made_at).total_seconds()
        pace = Pace(seconds, parent.manifest.number, self._job.retention)
        return rewriting(parent.files, merged.files, self._stage.intake.fetched, pace)

    def _report(self, parent: Parent, manifest: Manifest | None, news: _News) -> BackupReport:
        result = "created" if manifest else "nothing new"
        newest = manifest or parent.stored
        return BackupReport(
            result="partial" if news.partial else result,
            provider=self._provider.address,
            number=newest.number if newest else 0,
            created_at=newest.created_at if newest else "",
            files=len(news.files),
            raw_bytes=sum(entry.size for entry in news.files),
            new_bytes=self._stage.intake.new_bytes,
            stored_bytes=self._stage.intake.stored_bytes,
            wire_bytes=self._source.wire_bytes,
            operations=dict(Counter(self._provider.operations) - self._operations),
            vanished=_vanished(parent, news.snapshot) if self._source.shows_all else [],
            rewritten=list(news.rewritten),
            planted=list(parent.planted),
            catching_up=news.snapshot.catching_up,
            changed=self._stage.changed,
            later=self._stage.later,
            warnings=list(news.warnings),
            seconds=round(monotonic() - self._started, 3),
        )


def _next(parent: Parent, job: Job, news: _News) -> Manifest | None:
    """The next manifest, or None where there is nothing new."""
    before = parent.stored
    stored = (_contents(before.files), before.lost, before.staged) if before else ([], (), ())
    is_now_whole = before is not None and before.partial and not news.partial
    if (_contents(news.files), news.lost, news.staged) == stored and not is_now_whole:
        return None
    carried = dict(before) if before else {}
    return Manifest.model_validate(
        {
            **carried,
            "format": FORMAT,
            "number": parent.newest_number + 1,
            "service": job.service,
            "created_at": timestamp(datetime.now(UTC)),
            "reason": job.reason,
            "by": job.by,
            "snapshot": Taken(instance=news.snapshot.instance, taken_at=news.snapshot.taken_at),
            "partial": news.partial,
            "files": news.files,
            "lost": news.lost,
            "staged": news.staged,
            "warnings": news.warnings,
        }
    )


def _with_what_was_kept(error: SourceError, manifest: Manifest | None) -> SourceError:
    """The error that broke a backup off, telling where what had come by then is kept."""
    message = error.message
    if manifest:
        message += f"; what had come by then is kept as backup {manifest.number}"
    return type(error)(message, name=error.name, hint=error.hint, status=error.status)


def _commit(provider: Provider, parent: Parent, manifest: Manifest) -> bool:
    """Whether the manifest is the next one now; not so if another was first or time ran out."""
    if parent.is_stale:
        return False
    document = encode(manifest)
    if len(document) > LARGEST_DOCUMENT:
        raise StorageError(
            f"backup {manifest.number} would have a manifest of {len(document)} bytes, "
            f"which no reader takes: at most {LARGEST_DOCUMENT}",
            name=manifest_name(manifest.number),
            hint="Split the files among several services, or leave some out with BACKUP_EXCLUDE",
        )
    try:
        provider.put(manifest_name(manifest.number), document)
    except ObjectExists:
        return False
    return True


def _contents(files: tuple[FileEntry, ...]) -> list[tuple[str, list[tuple[str, ...]]]]:
    """What the files hold and where it is stored, whatever their times."""
    return [(entry.path, [version.chunks for version in entry.versions]) for entry in files]


def _vanished(parent: Parent, snapshot: Snapshot) -> list[str]:
    shown = {file.path for file in snapshot.files}
    return [entry.path for entry in parent.files if entry.path not in shown]


def _doubts(snapshot: Snapshot, stage: Stage, provider: Provider, source: Source) -> list[str]:
    warnings = []
    if source.shows_all and not snapshot.files:
        warnings.append("the logger shows no file: check its DATA_DIR and BACKUP_INCLUDE")
    if provider.kind == "gcs" and snapshot.archive not in (None, provider.address):
        warnings.append(f"the logger restores from {snapshot.archive}, not {provider.address}")
    if stage.later:
        warnings.append(f"partial: {len(stage.later)} files, or their rest, follow in the next run")
    for path, fault in stage.changed.items():
        warnings.append(f"{path} did not come as it was announced, its last version stays: {fault}")
    return warnings
