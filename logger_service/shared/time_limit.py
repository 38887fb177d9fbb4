"""A limit for all of a work's steps, of which each may use up a share at most."""

from threading import Event
from time import monotonic


class TimeLimit:
    """So many seconds from now on, None for no limit; or until somebody sets `stop`, if given."""

    def __init__(self, seconds: float | None, stop: Event | None = None) -> None:
        self._seconds, self._stop = seconds, stop
        self._started = monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return monotonic() - self._started

    def left(self, share: float = 1) -> float | None:
        """Seconds until a share of the limit is used up, at least 0; None for no limit."""
        if self._stop and self._stop.is_set():
            return 0
        return None if self._seconds is None else max(self._seconds * share - self.elapsed, 0)

    def is_over(self, share: float = 1) -> bool:
        """Whether a share of the limit is used up."""
        return self.left(share) == 0


NO_LIMIT = TimeLimit(None)
