"""What the platform stand-in tells of what it does, in order, as its dashboard would."""

import time
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from threading import Condition

PATIENCE_SECONDS = 60  # for what the platform is to do; whoever waits so long has failed


class What(StrEnum):
    """The kinds of things that happen."""

    PRE_DEPLOY = "the pre-deploy command has ended"
    DEPLOY_FAILED = "the deploy has failed"
    STARTED = "the start command runs"
    LIVE = "the traffic goes here"
    NO_TRAFFIC = "health checks fail: the traffic does not go here any more"
    UNHEALTHY = "health checks have failed for too long: it is replaced"
    TERMINATED = "SIGTERM"
    KILLED = "SIGKILL"
    ENDED = "its process has ended"
    WIPED = "its disk is gone"
    ASLEEP = "no traffic for too long: it is put to sleep"
    WOKEN = "a request has come: it is woken"
    BROKEN = "the stand-in itself has failed; its end tells how"


@dataclass(frozen=True)
class RenderEvent:
    """One thing that happened; `code` is the exit code, where a process has ended."""

    at: float  # seconds since 1970
    what: What
    instance: str
    code: int | None = None


class RenderEvents:
    """All that happened so far, for any thread."""

    def __init__(self) -> None:
        self._events: list[RenderEvent] = []
        self._changed = Condition()

    def tell(self, what: What, instance: str, code: int | None = None) -> None:
        """Add an event."""
        with self._changed:
            self._events.append(RenderEvent(time.time(), what, instance, code))
            self._changed.notify_all()

    @property
    def count(self) -> int:
        """How many there are."""
        with self._changed:
            return len(self._events)

    def all(self, instance: str | None = None) -> list[RenderEvent]:
        """The events so far, perhaps of one instance only."""
        with self._changed:
            return [event for event in self._events if instance in (None, event.instance)]

    def wait_for(self, what: What, instance: str | None = None, after: int = 0) -> RenderEvent:
        """The first event of a kind, now or later, behind the first `after` of all events."""

        def fits(event: RenderEvent) -> bool:
            return event.what is what and instance in (None, event.instance)

        def found() -> RenderEvent | None:
            broken = (event for event in self._events if event.what is What.BROKEN)
            return next(chain(filter(fits, self._events[after:]), broken), None)

        with self._changed:
            event = self._changed.wait_for(found, PATIENCE_SECONDS)
            if event is None or event.what is not what:
                raise AssertionError(f"it did not happen: {what}; {self._events}")
            return event
