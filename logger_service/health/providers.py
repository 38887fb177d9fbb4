"""How each provider stands: its newest backup, what it lacks, and whether that is late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from health.at_risk import AtRisk, Saved, Tails
from pushing.destination import Standing
from shared.selection import SelectedFile
from shared.settings import LoggerSettings
from watching.archive_state import ArchiveState


@dataclass(frozen=True)
class ProviderHealth:
    """One provider, at one moment."""

    state: ArchiveState
    standing: Standing | None  # of the logger's own pushes; None where it makes none
    at_risk: AtRisk | None  # None until its backups are known
    age_seconds: float | None  # of the newest backup
    expected_within_seconds: float
    survives: bool  # a wiped disk

    @property
    def is_known(self) -> bool:
        """Whether it has ever answered, and its newest backup has been read."""
        return self.at_risk is not None

    @property
    def is_late(self) -> bool:
        """Whether what it lacks should have been in a backup by now.

        Where nothing new is written, no new backup is due.
        """
        waits = self.at_risk.seconds if self.at_risk else 0
        age = self.age_seconds
        return waits > self.expected_within_seconds and (
            age is None or age > self.expected_within_seconds
        )


class Providers:
    """All of them, seen against one data directory; one thread at a time."""

    def __init__(self, settings: LoggerSettings, since: datetime) -> None:
        self._settings, self._since = settings, since
        self._tails: dict[str, Tails] = {}

    def look(
        self,
        archives: Sequence[ArchiveState],
        standings: Sequence[Standing],
        files: Sequence[SelectedFile],
        now: datetime,
    ) -> tuple[ProviderHealth, ...]:
        """Each as it is now, the bucket first."""
        pushes = {standing.address: standing for standing in standings}
        return tuple(
            ProviderHealth(
                state=archive,
                standing=pushes.get(archive.address),
                at_risk=self._at_risk(archive, files, now),
                age_seconds=_age(archive, now),
                expected_within_seconds=expected_within_seconds(self._settings),
                survives=archive.kind != "local" or not self._settings.render,
            )
            for archive in archives
        )

    def without_any(self, files: Sequence[SelectedFile], now: datetime) -> AtRisk:
        """All that there is, as where no backup survives the disk."""
        return self._tails_of("").look(files, Saved(), now)

    def _at_risk(
        self, archive: ArchiveState, files: Sequence[SelectedFile], now: datetime
    ) -> AtRisk | None:
        newest = archive.newest
        is_known = newest or (archive.looked_at and not archive.unread)
        if not is_known:
            return None
        saved = Saved(archive.sizes, archive.forgotten, newest.taken_at if newest else None)
        return self._tails_of(archive.address).look(files, saved, now)

    def _tails_of(self, address: str) -> Tails:
        root = self._settings.data_dir.absolute()
        return self._tails.setdefault(address, Tails(root, self._since))


def expected_within_seconds(settings: LoggerSettings) -> float:
    """Within two intervals there should be a new backup of what is new."""
    return 2 * 60 * settings.backup_interval_minutes


def _age(archive: ArchiveState, now: datetime) -> float | None:
    newest = archive.newest
    return round((now - newest.created_at).total_seconds(), 3) if newest else None
