"""What one provider was last seen to hold: its backups, their drills and its newest prune."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.drill_report import DrillReport
from shared.prune_record import PruneRecord


@dataclass(frozen=True)
class BackupSummary:
    """One backup, as its manifest says. Sizes in bytes; times are aware, in UTC."""

    number: int
    created_at: datetime
    taken_at: datetime  # when the look at the data began that it was made from
    reason: str
    job: str  # who made it: "function" or "logger"
    instance: str  # likewise
    files: int
    raw_bytes: int
    new_bytes: int | None  # beyond the backup before; None if that is unread
    partial: bool
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class DrillVerdict:
    """How a drill of one backup went."""

    result: str  # "passed", "failed" or "partial"
    started_at: str


@dataclass(frozen=True)
class ArchiveState:
    """One provider, as it was when it was looked at."""

    kind: str  # "local" or "gcs"
    address: str
    looked_at: datetime | None = None  # when it answered last; None before the first time
    error: str = ""  # why the newest look failed; empty if it did not
    numbers: tuple[int, ...] = ()  # of all backups there are, newest first
    backups: tuple[BackupSummary, ...] = ()  # those that have been read by now, newest first
    unreadable: Mapping[int, str] = field(default_factory=dict)  # number to why
    sizes: Mapping[str, int] = field(default_factory=dict)  # of the newest's files, by path
    forgotten: frozenset[str] = frozenset()  # paths that an operator let go of: none comes back
    last_drill: DrillReport | None = None
    drills: Mapping[int, DrillVerdict] = field(default_factory=dict)  # by number, read by now
    last_prune: PruneRecord | None = None

    @property
    def newest(self) -> BackupSummary | None:
        """The newest that could be read; None where there is none."""
        return self.backups[0] if self.backups else None

    @property
    def unread(self) -> tuple[int, ...]:
        """The numbers whose backups have not been read yet, newest first."""
        read = {backup.number for backup in self.backups}
        return tuple(
            number
            for number in self.numbers
            if number not in read and number not in self.unreadable
        )
