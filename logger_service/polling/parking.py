"""When a source that fails is asked again: it is parked, for longer each time, and then probed.

How soon depends on the cause. One that limits us is left alone for as long as it asks, one that
refuses us for hours, and one in trouble of its own once it has failed three times in a row.
"""

from dataclasses import dataclass

from market.unavailable import Cause, QuoteUnavailable

FAILURES_IN_A_ROW = 3  # before a source in trouble is parked
FIRST_PAUSE = 60.0  # seconds; each further one is twice as long
LONGEST_PAUSE = 15 * 60.0  # seconds, of those that we choose
MOST_DOUBLINGS = 4  # that reaches it; without a bound, a year of failures would not fit a float
REFUSED_PAUSE = 6 * 3600.0  # seconds; a refusal for where we are does not pass by itself
LONGEST_REQUEST = 3 * 24 * 3600.0  # seconds, of a source's own: Binance's longest ban

_REFUSALS = (Cause.BLOCKED, Cause.BAD_SYMBOL)


@dataclass(frozen=True)
class Park:
    """A pause: until when, by the clock that `Parking` is asked with, and why."""

    until: float  # seconds
    cause: Cause
    reason: str


class Parking:
    """Whether one source may be asked; all times are seconds of a clock that only goes forward.

    `park` is the newest pause, over or not, until the source answers; `failures` counts those since
    it last did.
    """

    def __init__(self) -> None:
        self.park: Park | None = None
        self.failures = 0
        self._parks = 0  # likewise

    def is_parked(self, now: float) -> bool:
        """Whether the source is to be left alone now."""
        return self.park is not None and now < self.park.until

    def answered(self) -> None:
        """All is well: the next trouble begins from nothing."""
        self.park = None
        self.failures = self._parks = 0

    def failed(self, error: QuoteUnavailable, now: float) -> None:
        """Count a failure, and park the source if it is time to."""
        self.failures += 1
        pause = self._pause(error)
        if pause is not None:
            self.resume(Park(now + pause, error.cause, error.message))

    def resume(self, park: Park) -> None:
        """Be parked, also by what another process was told; the first poll after it is a probe."""
        self.park = park
        self._parks += 1

    def _pause(self, error: QuoteUnavailable) -> float | None:
        """Seconds to leave the source alone for; None if it may be asked at the next tick."""
        asked = min(error.retry_after or 0, LONGEST_REQUEST)
        if error.cause in _REFUSALS:
            return max(asked, REFUSED_PAUSE)
        if asked and not self._parks:
            return asked
        is_due = self._parks or self.failures >= FAILURES_IN_A_ROW
        if is_due or error.cause is Cause.RATE_LIMITED:
            doublings = min(self._parks, MOST_DOUBLINGS)
            return max(asked, min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE))
        return None
