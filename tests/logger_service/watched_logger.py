"""A logger as health sees it, of which a test says how each part stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from catching_up.status import CatchUpStatus
from engine.archives import write
from health.health import Health
from pushing.destination import Standing
from shared.settings import LoggerSettings
from start_outcome import StartOutcome
from watched import Watched
from watching.archive_state import ArchiveState, BackupSummary
from writing.figures import Figures

GOOD_START = StartOutcome(0, None, "the history is here")
ADDRESS = "gs://b-1/btc-logger"
HEADER = "ts_utc,source\n"


def ago(**units: float) -> datetime:
    """A time before now."""
    return datetime.now(UTC) - timedelta(**units)


def stamp(at: datetime) -> str:
    """A time as rows have it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def row(at: datetime) -> str:
    """A row of that time."""
    return f"{stamp(at)},replay\n"


def backup(number: int = 7, *, made: datetime | None = None, **others: Any) -> BackupSummary:
    """One backup, made just now unless the test says when."""
    at = made or datetime.now(UTC)
    known: dict[str, Any] = {
        "created_at": at,
        "taken_at": at,
        "reason": "scheduled",
        "job": "function",
        "instance": "function-1",
        "files": 1,
        "raw_bytes": 100,
        "new_bytes": 10,
        "partial": False,
        "warnings": (),
    }
    return BackupSummary(number=number, **{**known, **others})


@dataclass
class WatchedLogger:
    """All is well until a test says otherwise; each report is a new look."""

    data: Path
    settings: Mapping[str, object] = field(default_factory=dict)
    start: StartOutcome = GOOD_START
    started_at: datetime = field(default_factory=lambda: ago(seconds=1))
    figures: Figures = field(default_factory=lambda: Figures("recorder"))
    catch_up: CatchUpStatus = field(default_factory=CatchUpStatus)
    standings: tuple[Standing, ...] = ()
    archives: list[ArchiveState] = field(default_factory=list)

    def write_rows(self, *times: datetime, path: str = "day.csv", hours_ago: float = 0) -> Path:
        """A table with rows of these times."""
        rows = HEADER + "".join(map(row, times))
        return write(self.data, path, rows.encode(), hours_ago=hours_ago)

    def archive(self, *backups: BackupSummary, kind: str = "gcs", **others: Any) -> None:
        """Let a provider have been seen so; the newest backup has all that there is by now."""
        sizes = {"day.csv": (self.data / "day.csv").stat().st_size} if backups else {}
        known = {
            "looked_at": datetime.now(UTC),
            "numbers": tuple(one.number for one in backups),
            "backups": backups,
            "sizes": sizes,
        }
        address = ADDRESS if kind == "gcs" else "/backups"
        self.archives.append(ArchiveState(kind, address, **{**known, **others}))

    def health(self) -> Health:
        """Of the logger as it stands."""
        told = {"data_dir": self.data, "local_backup_dir": self.data.parent / "backups"}
        settings = LoggerSettings.model_validate({**told, **self.settings})
        return Health(
            Watched(
                settings,
                "ab12",
                self.started_at,
                self.start,
                figures=lambda: self.figures,
                catch_up=lambda: self.catch_up,
                standings=lambda: self.standings,
                archives=lambda: tuple(self.archives),
            )
        )

    def report(self) -> dict[str, Any]:
        """What anybody is told."""
        return self.health().report()

    def details(self) -> dict[str, Any]:
        """What the admin is told beyond that."""
        details: dict[str, Any] = self.health().report(is_admin=True)["details"]
        return details

    def reasons(self) -> list[tuple[str, str]]:
        """The part and the severity of each reason."""
        return [(reason["part"], reason["severity"]) for reason in self.details()["reasons"]]
