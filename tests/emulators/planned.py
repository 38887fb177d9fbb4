"""Events that a test plans for calls that fit: whether one is due, and how often it has been.

One that did not come as often as planned is an error at the end: the test that planned it would
have proven nothing.
"""

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from threading import Lock
from typing import Generic, TypeVar


@dataclass(eq=False)
class Event:
    """How often it is planned, and has fired."""

    _: KW_ONLY
    skip: int = 0  # so many calls that fit pass before it
    times: int | None = 1  # None: every call from then on
    fired: int = 0

    @property
    def is_spent(self) -> bool:
        """Whether no further call meets it."""
        return self.fired == self.times

    @property
    def is_over(self) -> bool:
        """Whether it has fired as often as planned."""
        return self.fired == self.times if self.times is not None else self.fired > 0


class NeverFired(AssertionError):
    """A test planned an event that did not come to pass."""


Kind = TypeVar("Kind", bound=Event)


class Plan(Generic[Kind]):
    """All that is planned."""

    def __init__(self) -> None:
        self._planned: list[Kind] = []
        self._choosing = Lock()

    def add(self, event: Kind) -> Kind:
        """One more; of several that fit a call, the first one fires."""
        with self._choosing:
            self._planned.append(event)
        return event

    def due(self, fits: Callable[[Kind], bool]) -> Kind | None:
        """The event that this call meets, now counted as fired."""
        with self._choosing:
            for event in self._planned:
                if event.is_spent or not fits(event):
                    continue
                if event.skip:
                    event.skip -= 1
                    continue
                event.fired += 1
                return event
        return None

    @property
    def planned(self) -> list[Kind]:
        """Those so far."""
        with self._choosing:
            return list(self._planned)

    def check(self) -> None:
        """Raise NeverFired unless each fired as often as planned."""
        idle = [event for event in self.planned if not event.is_over]
        if idle:
            raise NeverFired(f"planned, and not fired so often: {idle}")
