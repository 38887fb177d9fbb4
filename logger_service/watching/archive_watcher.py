"""The thread that looks at one provider all the while; one that hangs holds no other.

What fails is told once when it begins and once when it is over, and tried again for ever.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from threading import Condition, Thread
from time import monotonic

from shared.errors import BackupError
from shared.provider import Reader
from watching.archive_reading import ArchiveReading
from watching.archive_state import ArchiveState

FIRST_LOOK_SECONDS = 1.0  # after the start, at the latest; rows come first
# Between two manifests, of which each takes some milliseconds of the interpreter: else whoever
# opens the page at a start, beside hundreds of them, would wait three times as long.
BREATH_SECONDS = 0.01
_log = logging.getLogger(__name__)


class ArchiveWatcher:
    """Looks at the provider that `open_reader` gives, every `seconds` and whenever it is asked to.

    It is opened in the thread: a bucket's SDK costs time that no start should wait for.
    """

    def __init__(
        self,
        unknown: ArchiveState,
        open_reader: Callable[[], Reader],
        service: str,
        seconds: float,
    ) -> None:
        self._unknown, self._open, self._service = unknown, open_reader, service
        self._seconds = seconds
        self._reading: ArchiveReading | None = None
        self._error = ""
        self._changed = Condition()  # guards what follows
        self._asked = self._asked_whole = self._done = 0  # looks, by number
        self._is_stopped = False
        self._thread = Thread(target=self._run, name=f"watch {unknown.kind}", daemon=True)

    @property
    def state(self) -> ArchiveState:
        """What was seen last; it never waits."""
        state = self._reading.state if self._reading else self._unknown
        return replace(state, error=self._error)

    def start(self) -> None:
        """Look from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Begin nothing more; a call that hangs ends with the process."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()

    def ask(self, *, whole: bool = False) -> int:
        """Have a look begun at once; its number, to wait for."""
        with self._changed:
            self._asked += 1
            if whole:
                self._asked_whole = self._asked
            self._changed.notify_all()
            return self._asked

    def wait(self, number: int, until: float) -> bool:
        """Whether that look has ended by the monotonic clock's `until`."""
        with self._changed:
            left = max(until - monotonic(), 0)
            return self._changed.wait_for(lambda: self._done >= number, left)

    def _run(self) -> None:
        pause = min(FIRST_LOOK_SECONDS, self._seconds)
        while self._pause(pause):
            with self._changed:
                number, whole = self._asked, self._asked_whole > self._done
            has_more = self._look(whole=whole)
            with self._changed:
                self._done = number
                self._changed.notify_all()
            while has_more and not self._is_wanted_within(BREATH_SECONDS):
                has_more = self._attempt(self._read_next)
            pause = 0 if has_more else self._seconds

    def _pause(self, seconds: float) -> bool:
        """Wait for the next look; whether there is one."""
        with self._changed:
            self._changed.wait_for(self._is_wanted, seconds)
            return not self._is_stopped

    def _is_wanted_within(self, seconds: float) -> bool:
        """Whether there is something else to do than to read on."""
        with self._changed:
            return self._changed.wait_for(self._is_wanted, seconds)

    def _is_wanted(self) -> bool:
        return self._is_stopped or self._asked > self._done

    def _look(self, *, whole: bool) -> bool:
        """One look; whether it did well, so that there may be more to read."""

        def look() -> bool:
            if self._reading is None:
                self._reading = ArchiveReading(self._open(), self._service)
            self._reading.look(whole=whole)
            return True

        is_well = self._attempt(look)
        if is_well and self._error:
            _log.info("looks at %s again", self._unknown.address)
            self._error = ""
        return is_well

    def _read_next(self) -> bool:
        return self._reading is not None and self._reading.read_next()

    def _attempt(self, act: Callable[[], bool]) -> bool:
        """What it says; False if it failed, of which the first in a row is told."""
        try:
            return act()
        except (BackupError, OSError) as error:
            if not self._error:
                _log.warning("cannot look at %s: %s", self._unknown.address, error)
            self._error = str(error)
        except Exception as error:  # noqa: BLE001  whatever it is, the thread goes on
            if not self._error:
                _log.exception("A look at %s failed", self._unknown.address)
            self._error = repr(error)
        return False
