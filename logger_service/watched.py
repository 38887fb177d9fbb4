"""What is looked at in this process by health, metrics and alerts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from catching_up.status import CatchUpStatus
from pushing.destination import Standing
from shared.settings import LoggerSettings
from start_outcome import StartOutcome
from watching.archive_state import ArchiveState
from writing.figures import Figures


@dataclass(frozen=True)
class Watched:
    """What is asked; none of it waits for anything but the disk."""

    settings: LoggerSettings
    instance: str
    started_at: datetime
    start: StartOutcome
    figures: Callable[[], Figures]
    catch_up: Callable[[], CatchUpStatus]
    standings: Callable[[], Sequence[Standing]]  # of the own pushes
    archives: Callable[[], Sequence[ArchiveState]]
