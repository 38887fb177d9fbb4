"""A time limit that is also over once a stop has been asked for."""

from threading import Event

from shared.time_limit import TimeLimit


class UntilTold(TimeLimit):
    """So many seconds, or until `stopping` is set: what has come by then is kept."""

    def __init__(self, seconds: float, stopping: Event) -> None:
        super().__init__(seconds)
        self._stopping = stopping

    def left(self, share: float = 1) -> float | None:
        """Nothing, once it was told."""
        return 0.0 if self._stopping.is_set() else super().left(share)
