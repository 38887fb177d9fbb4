"""Critical events as conditions: told when they begin, and when whoever reported them is well."""

from collections.abc import Callable
from queue import SimpleQueue
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
        self._known: set[str] = set()  # kinds of which this process knows how they stand
        self._quiet: set[str] = set()
        # Whoever reports must not wait; each with whether it is over.
        self._came: SimpleQueue[tuple[CriticalEvent, bool]] = SimpleQueue()
        events.listen(self._report, self._end)

    def looks(self) -> list[Look]:
        """What held since the last look, and what holds now: what came and went is told, too.

        What a process before has told is over if it does not come again.
        """
        held, without_end = self._take()
        is_long_ago = self._clock() - self._began > FORGET_SECONDS
        settled = None if is_long_ago else frozenset(self._known)
        return [
            Look(QUIET_KIND, without_end, frozenset(self._quiet)),
            Look(KIND, held, ()),
            Look(KIND, dict(self._open), settled),
        ]

    def _take(self) -> tuple[dict[str, str], dict[str, str]]:
        """Bring up to date what is open; what else was reported, with an end and without."""
        held, without_end = dict[str, str](), dict[str, str]()
        while not self._came.empty():
            event, is_over = self._came.get()
            if event.kind not in WITH_AN_END:
                self._quiet.add(event.kind)
                without_end[event.kind] = event.detail
                continue
            self._known.add(event.kind)
            if is_over:
                self._open.pop(event.kind, None)
            else:
                self._open[event.kind] = held[event.kind] = event.detail
        return held, without_end

    def _report(self, event: CriticalEvent) -> None:
        if event.kind in MOMENTS:
            self._tell(f"{NAME}: {event.kind}", event.detail)
        else:
            self._came.put((event, False))

    def _end(self, event: CriticalEvent) -> None:
        if event.kind in WITH_AN_END:
            self._came.put((event, True))
