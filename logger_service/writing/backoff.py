"""Growing pauses between attempts, so that what fails again and again is not tried in a loop."""


class Backoff:
    """Each pause is twice as long as the one before, up to the longest."""

    def __init__(self, first_seconds: float, longest_seconds: float) -> None:
        self._first = first_seconds
        self._longest = longest_seconds
        self._next = first_seconds

    def next(self) -> float:
        """Seconds to pause before the next attempt."""
        pause = min(self._next, self._longest)
        self._next = 2 * pause
        return pause

    def reset(self) -> None:
        """Begin with the first pause again."""
        self._next = self._first
