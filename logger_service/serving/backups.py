"""Where the answers about backups come from."""

from dataclasses import dataclass

from health.health import Health
from operating.background_jobs import BackgroundJobs
from pushing.own_backups import OwnBackups
from watching.archive_watch import ArchiveWatch


@dataclass(frozen=True)
class Backups:
    """How the backups stand, which there are, and what is being done with them."""

    health: Health
    watch: ArchiveWatch
    own_backups: OwnBackups
    jobs: BackgroundJobs
