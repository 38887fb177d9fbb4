"""How the logger stands, in the four parts that anybody may see.

The platform's own check is another route: it restarts what fails it, and a restart wipes the disk.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from catching_up.status import CatchUpStatus
from pushing.destination import Standing
from shared.finding import Verdict
from shared.integrity import Expectations, check
from shared.names import timestamp
from shared.newest_row import newest_row
from shared.selection import Selection
from shared.settings import LoggerSettings
from shared.time_limit import TimeLimit
from start_outcome import StartOutcome

HEALTHY, DEGRADED = "healthy", "degraded"
HISTORY_MISSING, DISABLED = "history missing", "disabled"


@dataclass(frozen=True)
class Health:
    """What is asked when somebody wants to know; the start's outcome never changes."""

    settings: LoggerSettings
    start: StartOutcome
    catch_up: Callable[[], CatchUpStatus]
    own_backups: Callable[[], Sequence[Standing]]

    def report(self) -> dict[str, str | None]:
        """The whole, the data, the backups, and when the last row was written."""
        settings = self.settings
        selection = Selection(settings.backup_include, settings.backup_exclude)
        data, backups = self._data_integrity(selection), self._backup_system()
        last = newest_row(settings.data_dir, selection)
        is_well = data == Verdict.HEALTHY and backups in (HEALTHY, DISABLED)
        return {
            "status": HEALTHY if is_well else DEGRADED,
            "data_integrity": data,
            "backup_system": backups,
            "last_log_timestamp": timestamp(last.at) if last else None,
        }

    def _data_integrity(self, selection: Selection) -> str:
        """History that should be here and is not comes before all that the disk itself shows."""
        if self.start.is_history_missing and not self.catch_up().is_whole:
            return HISTORY_MISSING
        expected = Expectations(
            selection, self.settings.freshness_hours, self.settings.critical_files
        )
        at_a_glance = TimeLimit(0)  # whoever asks is not to wait for files to be read
        return check(self.settings.data_dir, expected, None, at_a_glance).verdict

    def _backup_system(self) -> str:
        if not self.settings.backup_enabled:
            return DISABLED
        has_only_this_disk = self.settings.render and not self.settings.gcs_bucket_name  # rule 14
        fails = any(standing.error for standing in self.own_backups())
        return DEGRADED if has_only_this_disk or fails else HEALTHY
