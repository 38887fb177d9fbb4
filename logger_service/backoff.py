"""Pauses that grow from one failure to the next."""


class Backoff:
    """Each pause is twice as long as the one before, up to the longest; in seconds."""

    def __init__(self, first_seconds: float, longest_seconds: float) -> None:
        self._first, self._longest = first_seconds, longest_seconds
        self._next = first_seconds

    def next(self) -> float:
        """The pause to make now."""
        pause = self._next
        self._next = min(2 * pause, self._longest)
        return pause

    def reset(self) -> None:
        """Begin from the first one again."""
        self._next = self._first
