"""The backups of all providers as `GET /backup/list` tells them."""

from collections.abc import Iterable, Sequence
from typing import Any

from shared.names import timestamp
from watching.archive_state import ArchiveState, BackupSummary

Told = dict[str, Any]


def listing(archives: Sequence[ArchiveState], limit: int | None = None) -> Told:
    """The newest `limit` of each provider; a backup that was not read yet has its number only."""
    return {
        "backups": [told for archive in archives for told in _backups(archive)[:limit]],
        "providers": [_provider(archive) for archive in archives],
        "complete": all(map(_is_complete, archives)),
    }


def _is_complete(archive: ArchiveState) -> bool:
    return not (archive.error or archive.unread or archive.looked_at is None)


def _provider(archive: ArchiveState) -> Told:
    return {
        "kind": archive.kind,
        "address": archive.address,
        "backups": len(archive.numbers),
        "unread": len(archive.unread),
        "error": archive.error or None,
        "looked_at": timestamp(archive.looked_at) if archive.looked_at else None,
    }


def _backups(archive: ArchiveState) -> list[Told]:
    read = {backup.number: backup for backup in archive.backups}
    return [_backup(archive, number, read.get(number)) for number in archive.numbers]


def _backup(archive: ArchiveState, number: int, backup: BackupSummary | None) -> Told:
    told = _summary(backup) if backup else dict.fromkeys(_KEYS)
    drill = archive.drills.get(number)
    return {
        "provider": archive.address,
        "number": number,
        **told,
        "drill": drill.result if drill else None,
        "error": archive.unreadable.get(number),
    }


def _summary(backup: BackupSummary) -> Told:
    by = {"job": backup.job, "instance": backup.instance}
    values: Iterable[object] = (
        timestamp(backup.created_at),
        timestamp(backup.taken_at),
        backup.reason,
        by,
        backup.files,
        backup.raw_bytes,
        backup.new_bytes,
        backup.partial,
        backup.warnings,
    )
    return dict(zip(_KEYS, values, strict=True))


_KEYS = (
    "created_at",
    "taken_at",
    "reason",
    "by",
    "files",
    "raw_bytes",
    "new_bytes",
    "partial",
    "warnings",
)
