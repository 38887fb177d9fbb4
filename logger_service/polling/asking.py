"""One source asked at one tick: at most one more try, and only where it may help."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from market.quote import Quote, Source
from market.unavailable import Cause, QuoteUnavailable

JITTER_SECONDS = (0.2, 1.0)  # before the second try, so that clients do not return all at once

_PASSING = (Cause.SERVER, Cause.NETWORK)  # what may be over a moment later


@dataclass(frozen=True)
class Asking:
    """How sources are asked.

    `check` raises QuoteUnavailable for a quote that cannot be true; `pause` takes seconds and says
    whether there is no point in going on; `monotonic` gives seconds.
    """

    check: Callable[[Quote], object]
    pause: Callable[[float], bool]
    monotonic: Callable[[], float]
    jitter: Callable[[], float] = lambda: random.uniform(*JITTER_SECONDS)  # noqa: S311  no secret

    def ask(self, source: Source, until: float) -> Quote:
        """The source's quote, to be had before `until` by the monotonic clock.

        Raises:
            QuoteUnavailable: it gave none, or one that cannot be true.
        """
        try:
            return self._once(source)
        except QuoteUnavailable as error:
            if error.cause not in _PASSING or error.retry_after:
                raise
            pause = self.jitter()
            if self.monotonic() + pause >= until or self.pause(pause):
                raise
        return self._once(source)

    def _once(self, source: Source) -> Quote:
        quote = source.quote()
        self.check(quote)
        return quote
