"""A time limit that a test uses up, and backups and drills that are given little of it."""

from pathlib import Path

from engine.archives import JOB, SERVICE, WatchedProvider, WatchedSource
from shared.backup import backup
from shared.backup_report import BackupReport
from shared.drill import DrillOptions, drill
from shared.drill_report import DrillReport, store_report, unfinished
from shared.provider import Provider
from shared.time_limit import TimeLimit


class Budget(TimeLimit):
    """An hour, until it has been spent on so many things."""

    def __init__(self, things: int) -> None:
        super().__init__(3600)
        self._things = things

    def spend(self, _name: str) -> None:
        """One thing more has been begun."""
        self._things -= 1

    def left(self, share: float = 1) -> float | None:
        """Nothing, once it has been spent."""
        return super().left(share) if self._things > 0 else 0.0


def hurried_backup(
    data: Path, provider: Provider, chunks: int
) -> tuple[BackupReport, WatchedSource]:
    """A backup whose time is over once it has asked for so many chunks; what it read."""
    budget, source = Budget(chunks), WatchedSource(data)
    source.before_read = budget.spend
    return backup(source, provider, JOB, 1, budget), source


def hurried_drill(provider: Provider, chunks: int) -> tuple[DrillReport, list[str]]:
    """A drill as the function does it, whose time is over after so many chunks; what it read."""
    budget, read = Budget(chunks), list[str]()
    watched = WatchedProvider(provider)

    def see(name: str) -> None:
        if name.startswith("chunks/"):
            budget.spend(name)
            read.append(name)

    before = unfinished(provider)
    watched.before_get = see
    report = drill([watched], SERVICE, DrillOptions(unfinished=before, limit=budget, threads=1))
    store_report(provider, report)
    return report, read
