"""A backup at once when something critical happens: there may be no later one."""

import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from queue import SimpleQueue
from threading import Event, Thread

from critical_events import CriticalEvent
from pushing.destination import Destination
from shared.errors import BackupError
from shared.parallel import in_background
from shared.time_limit import TimeLimit

PAUSE_SECONDS = 300  # after a backup because of one kind of event, until the next of that kind
PUSH_SECONDS = 300  # at most, for one push
LONGEST_REASON = 200  # characters
_log = logging.getLogger(__name__)


class CriticalBackups:
    """Takes events from any thread, and pushes to every destination in a thread of its own."""

    def __init__(
        self, destinations: Sequence[Destination], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._destinations, self._clock = destinations, clock
        # Each with the clock's time when it came; None is the end.
        self._events: SimpleQueue[tuple[float, CriticalEvent] | None] = SimpleQueue()
        self._stopping = Event()
        self._pushed_at: dict[str, float] = {}  # by kind
        self._thread = Thread(target=self._run, name="critical backups", daemon=True)

    def take(self, event: CriticalEvent) -> None:
        """Have it backed up, unless one of its kind has just been; it returns at once."""
        self._events.put((self._clock(), event))

    def start(self) -> None:
        """Push from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Begin nothing more, and end what runs soon; nobody waits for that."""
        self._stopping.set()
        self._events.put(None)

    def _run(self) -> None:
        while (came := self._events.get()) and not self._stopping.is_set():
            at, event = came
            if self._is_due(event.kind, at):
                self._push(reason_of(event))

    def _is_due(self, kind: str, at: float) -> bool:
        if at - self._pushed_at.get(kind, at - PAUSE_SECONDS) < PAUSE_SECONDS:
            return False
        self._pushed_at[kind] = at
        return True

    def _push(self, reason: str) -> None:
        """Begin with every destination; one that hangs must not hold the next event's backup."""
        for destination in self._destinations:
            in_background(partial(self._push_to, destination, reason))

    def _push_to(self, destination: Destination, reason: str) -> None:
        """One push, of which the log tells; never raises."""
        try:
            limit = TimeLimit(PUSH_SECONDS, self._stopping)
            report = destination.push_newest_first(reason, limit).report
        except BackupError as error:
            _log.error("%s: no backup to %s: %s", reason, destination.address, error)
        except Exception:  # noqa: BLE001  the thread goes on to the next event
            _log.exception("%s: no backup to %s", reason, destination.address)
        else:
            _log.info("%s: backup %d in %s", reason, report.number, destination.address)


def reason_of(event: CriticalEvent) -> str:
    """What the manifest says of it: one line, not too long."""
    reason = f"critical: {event.kind}: {event.detail}"
    line = "".join(letter if letter.isprintable() else " " for letter in reason)
    return line if len(line) <= LONGEST_REASON else f"{line[: LONGEST_REASON - 2]} …"
