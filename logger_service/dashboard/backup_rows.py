"""The backups of all providers as one list, the newest first, for a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from dashboard.provider_names import provider_name
from watching.archive_state import ArchiveState, BackupSummary, DrillVerdict

LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class BackupRow:
    """One of them; `made` is None while it is unread, and for one that cannot be read."""

    kind: str
    number: int
    made: BackupSummary | None
    drill: DrillVerdict | None
    error: str  # why it cannot be read; empty if it can

    @property
    def provider(self) -> str:
        """As a person calls it."""
        return provider_name(self.kind)


def rows_of(archives: Sequence[ArchiveState]) -> list[BackupRow]:
    """Of all of these providers, by time.

    One whose time is not known stands beside the next newer one of its provider.
    """
    dated = [pair for archive in archives for pair in _dated(archive)]
    dated.sort(key=lambda pair: pair[0], reverse=True)  # equal times stay as they are: by number
    return [row for _, row in dated]


def _dated(archive: ArchiveState) -> list[tuple[datetime, BackupRow]]:
    read = {backup.number: backup for backup in archive.backups}
    rows, at = [], LAST
    for number in archive.numbers:
        made = read.get(number)
        at = min(at, made.created_at) if made else at  # a wrong clock does not change the order
        error = archive.unreadable.get(number, "")
        rows.append((at, BackupRow(archive.kind, number, made, archive.drills.get(number), error)))
    return rows
