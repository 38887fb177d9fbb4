"""How the logger stands, in the four parts that anybody may see, and in all detail.

The platform's own check is another route: it restarts what fails it, and a restart wipes the disk.
"""

from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Any

from health.details import details
from health.look import Look, Looking
from health.reason import BACKUPS, Severity
from health.reasons import Verdicts, judge, worst
from shared.errors import SourceRefused
from shared.names import timestamp
from watched import Watched

HEALTHY, DISABLED = "healthy", "disabled"
KEPT_SECONDS = 1.0  # for which an answer holds: whoever asks all the time costs nothing
PATIENCE_SECONDS = 2.0  # for another's look: a disk that hangs must not hold every thread


class Health:
    """Looks when somebody wants to know, once a second at most."""

    def __init__(self, watched: Watched, clock: Callable[[], float] = monotonic) -> None:
        self.watched = watched
        self._looking, self._clock = Looking(watched), clock
        self._turn = Lock()
        self._look: Look | None = None
        self._looked_at = 0.0

    def look(self, kept_seconds: float = KEPT_SECONDS) -> Look:
        """How things stand, at most so many seconds ago.

        Raises:
            SourceRefused: the disk does not answer.
        """
        if not self._turn.acquire(timeout=PATIENCE_SECONDS):
            raise SourceRefused("the data directory does not answer", status=503)
        try:
            if self._look is None or self._clock() - self._looked_at >= kept_seconds:
                self._look, self._looked_at = self._looking.look(), self._clock()
            return self._look
        finally:
            self._turn.release()

    def report(self, *, is_admin: bool = False) -> dict[str, Any]:
        """The whole, the data, the backups, and when the last row was written.

        For the admin also every reason, and what it comes from.
        """
        look = self.look()
        verdicts = self.judge(look)
        told: dict[str, Any] = {
            "status": worst(verdicts.reasons) or HEALTHY,
            "data_integrity": verdicts.data,
            "backup_system": self._backup_system(verdicts),
            "last_log_timestamp": timestamp(look.newest.at) if look.newest else None,
        }
        if is_admin:
            reasons = [reason._asdict() for reason in verdicts.reasons]
            told["details"] = {"reasons": reasons, **details(look, self.watched)}
        return told

    def judge(self, look: Look) -> Verdicts:
        """What is wrong with what was seen."""
        return judge(look, self.watched.settings, self.watched.start)

    def _backup_system(self, verdicts: Verdicts) -> str:
        if not self.watched.settings.backup_enabled:
            return DISABLED
        reasons = [reason for reason in verdicts.reasons if reason.part == BACKUPS]
        return worst(reasons) or HEALTHY


def is_unhealthy(report: dict[str, Any]) -> bool:
    """Whether a monitor should be told by the status alone."""
    return bool(report["status"] == Severity.UNHEALTHY)
