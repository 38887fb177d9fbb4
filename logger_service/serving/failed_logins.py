"""Guessing a token is slow: few failures a minute for each client, and not many for all of them.

Nobody is kept waiting for it, and what is refused costs next to nothing.
"""

import logging
from collections import OrderedDict, deque
from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import TypeVar

WINDOW_SECONDS = 60.0  # which moves with the clock
MOST_OF_ONE, MOST_OF_ALL = 5, 60  # failures within it
KNOWN_SECONDS = 3600.0  # after a good login, in which other clients' failures do not matter
MOST_CLIENTS = 4096  # that are remembered, and as many guesses; the oldest are forgotten first
Value = TypeVar("Value")
_log = logging.getLogger(__name__)


class TooManyFailures(Exception):
    """Nothing is checked for so many `seconds`; it becomes an answer where it was asked."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"for {seconds:.0f} s")
        self.seconds = seconds


class FailedLogins:
    """Counts failures since the start."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = Lock()  # else those who guess at once are all checked before one has failed
        self._of_one: OrderedDict[str, deque[float]] = OrderedDict()
        self._of_all: deque[float] = deque(maxlen=MOST_OF_ALL)
        self._known: OrderedDict[str, float] = OrderedDict()  # by when they logged in well
        self._guesses: OrderedDict[str, float] = OrderedDict()  # that were named, by when
        self._told_at: float | None = None
        self.count = 0

    def attempt(self, client: str, is_right: Callable[[], bool], guess: str = "") -> bool:
        """Whether the login is right; raises TooManyFailures without having looked.

        A failure that is named by its `guess` counts once: to try it again tells nobody more.
        """
        with self._lock:
            now = self._clock()
            if seconds := self._wait(client, now):
                raise TooManyFailures(seconds)
            if is_right():
                _remember(self._known, client, now)
                return True
            if not guess or guess not in self._guesses:
                self._fail(client, now)
            if guess:
                _remember(self._guesses, guess, now)
            return False

    def _wait(self, client: str, now: float) -> float:
        own = self._of_one.get(client)
        if own and (seconds := _left(own, now)):
            return seconds
        is_known = now - self._known.get(client, -KNOWN_SECONDS) < KNOWN_SECONDS
        return 0 if is_known else _left(self._of_all, now)

    def _fail(self, client: str, now: float) -> None:
        self.count += 1
        own = self._of_one.get(client) or deque(maxlen=MOST_OF_ONE)
        own.append(now)
        _remember(self._of_one, client, own)
        self._of_all.append(now)
        if self._told_at is None or now - self._told_at >= WINDOW_SECONDS:
            self._told_at = now
            _log.warning(
                "a login with a wrong token from %s; %d have failed so far", client, self.count
            )


def _left(failures: deque[float], now: float) -> float:
    """Seconds until the oldest of as many as there may be has left the window."""
    if len(failures) < (failures.maxlen or 0):
        return 0
    return max(failures[0] + WINDOW_SECONDS - now, 0)


def _remember(clients: OrderedDict[str, Value], client: str, value: Value) -> None:
    clients[client] = value
    clients.move_to_end(client)
    if len(clients) > MOST_CLIENTS:
        clients.popitem(last=False)
