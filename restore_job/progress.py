"""How far a restore is: a bar on a terminal, or a few plain lines in a log."""

from collections.abc import Callable
from time import monotonic

from rich.progress import Progress as Bar

from shared.progress import Progress

LINE_SECONDS = 5  # between two lines in a log


class BarProgress(Progress):
    """A bar on a terminal."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._task = bar.add_task("looking", total=None)

    def begin(self, files: int, size: int) -> None:
        """The bar's full length."""
        self._bar.update(self._task, description=f"{files} files", total=size)

    def advance(self, path: str, size: int) -> None:
        """The file at hand, and how far it is."""
        self._bar.update(self._task, description=path, advance=size)


class LogProgress(Progress):
    """Plain lines, few enough for a log."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._said_at = monotonic()
        self._done = self._size = 0

    def begin(self, files: int, size: int) -> None:
        """How much is to come."""
        self._size = size
        if files:
            self._say(f"{files} files, {size:,} bytes to read")

    def advance(self, path: str, size: int) -> None:
        """A line, if the last one is some seconds old."""
        self._done += size
        if monotonic() - self._said_at >= LINE_SECONDS:
            self._said_at = monotonic()
            self._say(f"{self._done:,} of {self._size:,} bytes, at {path}")
