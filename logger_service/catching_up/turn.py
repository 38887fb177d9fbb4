"""One restore at a time writes to a data directory: the catch-up's, or one that somebody asks for.

Whoever waits longest is next, so a catch-up with many rounds to go lets others in between.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition


def _nothing() -> None:
    pass


class Turn:
    """Taken by one thread at a time, in the order in which they came."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._queue: deque[object] = deque()  # whose turn it is, and who waits

    @contextmanager
    def taken(self, on_waiting: Callable[[], None] = _nothing) -> Iterator[None]:
        """Wait for it, having said so, and have it until the end of the block."""
        ticket = object()
        with self._changed:
            self._queue.append(ticket)
            if self._queue[0] is not ticket:
                on_waiting()
            self._changed.wait_for(lambda: self._queue[0] is ticket)
        try:
            yield
        finally:
            with self._changed:
                self._queue.popleft()
                self._changed.notify_all()
