"""What a person should hear of at once, from whichever thread meets it."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from threading import Lock
from typing import NamedTuple

_log = logging.getLogger(__name__)


class CriticalEvent(NamedTuple):
    """What kind of thing happened, what exactly, and when."""

    kind: str  # short, and the same each time: "disk", "no rows", "logger command" …
    detail: str
    at: datetime


Listener = Callable[[CriticalEvent], object]


def _now() -> datetime:
    return datetime.now(UTC)


class CriticalEvents:
    """Logs and counts critical events, remembers the newest, and tells whoever listens."""

    def __init__(self, clock: Callable[[], datetime] = _now) -> None:
        self._clock = clock
        self._lock = Lock()
        self._by_kind: Counter[str] = Counter()
        self._newest: CriticalEvent | None = None
        self._listeners: list[tuple[Listener, Listener | None]] = []
        self._open: set[str] = set()  # kinds that were reported and are not over

    @property
    def count(self) -> int:
        """How many have been reported."""
        return self._by_kind.total()

    @property
    def by_kind(self) -> Counter[str]:
        """The same for each kind."""
        return self._by_kind.copy()

    @property
    def newest(self) -> CriticalEvent | None:
        """The one reported last; None before the first."""
        return self._newest

    def listen(self, listener: Listener, when_over: Listener | None = None) -> None:
        """Call these from now on, in the reporter's thread: they must be quick."""
        self._listeners.append((listener, when_over))

    def report(self, kind: str, detail: str) -> None:
        """Take note of an event; never raises, because whoever reports has to go on."""
        with self._lock:
            self._by_kind[kind] += 1
            event = self._newest = CriticalEvent(kind, detail, self._clock())
            self._open.add(kind)
        _log.critical("%s", detail)
        self._tell(event, [listener for listener, _ in tuple(self._listeners)])

    def over(self, kind: str, detail: str) -> None:
        """What was reported of this kind has ended; never raises, and nothing if none was."""
        with self._lock:
            if kind not in self._open:
                return
            self._open.discard(kind)
            event = CriticalEvent(kind, detail, self._clock())
        _log.warning("%s", detail)
        self._tell(event, [ended for _, ended in tuple(self._listeners) if ended])

    def _tell(self, event: CriticalEvent, listeners: Iterable[Listener]) -> None:
        for listener in listeners:
            try:
                listener(event)
            except Exception:  # noqa: BLE001  the reporter has to go on, and the other listeners want to know
                _log.exception("A listener failed at a critical event")
