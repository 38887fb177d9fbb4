"""The time of the Cloud Scheduler stand-in: as it passes, faster, or only when it is told to pass.

Whoever waits for a moment is woken by it, and by every change; nothing here sleeps.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Condition
from time import monotonic

QUIET = datetime(2026, 11, 22, 20, 1, tzinfo=UTC)  # 29 minutes before one of our jobs is due


class Clock:
    """Begins at `start`; `speed` is its seconds in a second, and with 0 it only ever advances."""

    def __init__(self, start: datetime | None = None, *, speed: float = 1.0) -> None:
        # Its lock, which can be taken again, guards all that is waited for.
        self.changed = Condition()
        self._speed = speed
        self._start = start or datetime.now(UTC)
        self._begun = monotonic()
        self._skipped = timedelta()

    def now(self) -> datetime:
        """The time, in UTC."""
        passed = timedelta(seconds=(monotonic() - self._begun) * self._speed)
        return self._start + self._skipped + passed

    def advance(self, **units: float) -> None:
        """Let some time pass at once: `minutes=30`."""
        with self.changed:
            self._skipped += timedelta(**units)
            self.changed.notify_all()

    def real(self, seconds: float) -> float:
        """How long so many of its seconds are; those of a clock that stands are seconds."""
        return seconds / self._speed if self._speed else seconds

    def wait_for(
        self,
        holds: Callable[[], bool],
        due: Callable[[], datetime | None] = lambda: None,
        patience: float | None = None,
    ) -> bool:
        """Return once something holds, looked at after each change and at the moment `due`.

        Whether it does, where somebody's patience ends after so many real seconds.
        """
        end = None if patience is None else monotonic() + patience
        with self.changed:
            while not (held := holds()) and (end is None or monotonic() < end):
                limits = (self._real_time_to(due()), None if end is None else end - monotonic())
                self.changed.wait(min((one for one in limits if one is not None), default=None))
        return held

    def _real_time_to(self, moment: datetime | None) -> float | None:
        if moment is None or not self._speed:
            return None
        return max(0.0, (moment - self.now()).total_seconds()) / self._speed
