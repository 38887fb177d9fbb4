"""Critical events as conditions: told when they begin, and when whoever reported them is well."""

from collections.abc import Callable
from time import monotonic

from critical_events import CriticalEvent, CriticalEvents
from shared.conditions import Kind, Look

NAME = "critical event"
# Until one of these is reported over, it holds; of any other kind nobody would ever say so.
WITH_AN_END = frozenset({"disk", "no rows", "recorder failed", "logger command"})
MOMENTS = frozenset({"unclean exit"})  # over as soon as they are told
FORGET_SECONDS = 15 * 60.0
KIND = Kind(NAME, ends="It goes on as it should:")
QUIET_KIND = Kind(NAME, linger_seconds=FORGET_SECONDS, ends_quietly=True)


class CriticalConditions:
    """Listens to `events`; `tell` takes title and text of what is over at once."""

    def __init__(
        self,
        events: CriticalEvents,
        tell: Callable[[str, str], object],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._tell, self._clock = tell, clock
        self._began = clock()
        self._open: dict[str, str] = {}  # kind to its newest detail
        self._over: set[str] = set()
        self._without_end: dict[str, str] = {}  # since the last look
        self._quiet: set[str] = set()
        events.listen(self._report, self._end)

    def looks(self) -> list[Look]:
        """What holds now; what a process before has told is over if it does not come again."""
        without_end, self._without_end = self._without_end, {}
        is_long_ago = self._clock() - self._began > FORGET_SECONDS
        settled = None if is_long_ago else frozenset(self._over)
        return [
            Look(QUIET_KIND, without_end, frozenset(self._quiet)),
            Look(KIND, self._open, settled),
        ]

    def _report(self, event: CriticalEvent) -> None:
        if event.kind in MOMENTS:
            self._tell(f"{NAME}: {event.kind}", event.detail)
        elif event.kind in WITH_AN_END:
            self._open = {**self._open, event.kind: event.detail}
            self._over.add(event.kind)
        else:
            self._quiet.add(event.kind)
            self._without_end = {**self._without_end, event.kind: event.detail}

    def _end(self, event: CriticalEvent) -> None:
        self._over.add(event.kind)
        self._open = {kind: why for kind, why in self._open.items() if kind != event.kind}
