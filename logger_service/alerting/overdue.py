"""Providers without a backup for two intervals, though there is something to back up."""

import logging
from collections.abc import Callable, Sequence
from time import monotonic

from health.providers import ProviderHealth
from shared.conditions import Kind, Look
from shared.errors import SourceRefused
from shared.names import timestamp

LONGEST_PAUSE = 30.0  # seconds between two looks at the data directory
PAUSE_SHARE = 0.1  # of the time within which a backup is expected, at most
KIND = Kind(
    "no backup for two intervals",
    begins="What was written since is on this disk alone:",
    ends="There is a new backup:",
)

_log = logging.getLogger(__name__)


class Overdue:
    """Asks `providers` how each stands, now and then: that looks at every file's size."""

    def __init__(
        self,
        providers: Callable[[], Sequence[ProviderHealth]],
        interval_seconds: float,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._providers, self._clock = providers, clock
        self._pause = min(PAUSE_SHARE * interval_seconds, LONGEST_PAUSE)
        self._looked_at: float | None = None
        self._seen = Look(KIND, {}, ())

    def look(self) -> Look:
        """A provider that does not answer may be late, but nobody knows that it is not."""
        now = self._clock()
        if self._looked_at is None or now - self._looked_at >= self._pause:
            self._seen, self._looked_at = self._look(), now
        return self._seen

    def _look(self) -> Look:
        try:
            known = [one for one in self._providers() if one.is_known]
        except SourceRefused as error:
            _log.warning("whether a backup is late cannot be told: %s", error)
            return Look(KIND, {}, ())
        late = {one.state.address: _newest(one) for one in known if one.is_late}
        return Look(KIND, late, [one.state.address for one in known if not one.state.error])


def _newest(provider: ProviderHealth) -> str:
    newest = provider.state.newest
    return f"the newest is of {timestamp(newest.taken_at)}" if newest else "there is none"
