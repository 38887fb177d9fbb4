"""How one source fares: whether it is parked, and what the log says of its trouble."""

import logging

from market.unavailable import QuoteUnavailable
from polling.parking import Parking

_log = logging.getLogger(__name__)


class Standing:
    """The parking of the source `name`, told in the log.

    Trouble is a line when it begins, one when a pause is longer than the one before, and one when
    it is over, so that a day without an exchange is not a line per tick.
    """

    def __init__(self, name: str) -> None:
        self.parking = Parking()
        self._name = name
        self._told = 0.0  # seconds: the longest pause that the log knows of

    def answered(self) -> None:
        """The source gave a quote."""
        if failures := self.parking.failures:
            _log.warning("Source %s answers again, after %d failures", self._name, failures)
        self.parking.answered()
        self._told = 0.0

    def failed(self, error: QuoteUnavailable, now: float, bug: BaseException | None = None) -> None:
        """The source gave none, by a `bug` of ours or not; `now` is in monotonic seconds."""
        self.parking.failed(error, now)
        pause = self.parking.park.until - now if self.parking.park else 0.0
        if self.parking.failures == 1 or pause > self._told:
            self._told = max(pause, self._told)
            left = f"; it is left alone for {pause:.0f} s" if pause > 0 else ""
            _log.warning("Source %s (%s): %s%s", self._name, error.cause, error, left, exc_info=bug)
