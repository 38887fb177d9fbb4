"""How far the catch-up is: for health, and for the log while it takes long."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

from shared.progress import Progress

LINE_SECONDS = 5.0  # between two lines in a log
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class CatchUpStatus:
    """How things stand; numbers and errors by the provider's address."""

    looked_at: datetime | None = None  # when the last look at all providers ended
    backups: Mapping[str, int] = field(default_factory=dict)  # the newest that was seen
    files_done: int = 0  # since the start
    bytes_done: int = 0
    files_left: int = 0
    bytes_left: int = 0  # of what is being brought just now
    errors: Mapping[str, str] = field(default_factory=dict)  # why the last look failed
    is_whole: bool = False  # all that any provider is known to have is here


class LoggedProgress(Progress):
    """Lines in the log while a provider's files come, none if that is done soon."""

    def __init__(self, address: str, clock: Callable[[], float] = monotonic) -> None:
        self._address = address
        self._clock = clock
        self._told_at = clock()
        self._files = self._size = self._done = 0
        self._paths: set[str] = set()

    @property
    def bytes_left(self) -> int:
        """What is announced and has not come."""
        return max(self._size - self._done, 0)

    def begin(self, files: int, size: int) -> None:
        """So much is to come, also if earlier work has ended before its end."""
        self._files, self._size, self._done = files, size, 0
        self._paths.clear()
        self._told_at = self._clock()

    def advance(self, path: str, size: int) -> None:
        """A line, if the last one is some seconds old."""
        self._done += size
        self._paths.add(path)
        if self._clock() - self._told_at < LINE_SECONDS:
            return
        self._told_at = self._clock()
        _log.info(
            "catching up with %s: %d of %d files, %s of %s bytes (%d %%), at %s",
            self._address,
            len(self._paths),
            self._files,
            f"{self._done:,}",
            f"{self._size:,}",
            100 * self._done // max(self._size, 1),
            path,
        )

    def end(self) -> None:
        """Nothing is under way any more."""
        self._files = self._size = self._done = 0
