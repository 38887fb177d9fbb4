"""What a person should hear of at once, from whichever thread meets it."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock
from typing import NamedTuple

_log = logging.getLogger(__name__)


class CriticalEvent(NamedTuple):
    """What happened, and when."""

    reason: str
    at: datetime


def _now() -> datetime:
    return datetime.now(UTC)


class CriticalEvents:
    """Logs and counts critical events, and remembers the newest."""

    def __init__(self, clock: Callable[[], datetime] = _now) -> None:
        self._clock = clock
        self._lock = Lock()
        self._count = 0
        self._newest: CriticalEvent | None = None

    @property
    def count(self) -> int:
        """How many have been reported."""
        return self._count

    @property
    def newest(self) -> CriticalEvent | None:
        """The one reported last; None before the first."""
        return self._newest

    def report(self, reason: str) -> None:
        """Take note of an event; never raises, because whoever reports has to go on."""
        with self._lock:
            self._count += 1
            self._newest = CriticalEvent(reason, self._clock())
        _log.critical("%s", reason)
