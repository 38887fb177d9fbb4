"""The process's life: the signal that ends it in order, and what ends it at once.

A thread of its own takes the signals, so that neither a main thread that waits for something nor
a signal that comes in the middle of the end can cost a row or hold the process.
"""

import logging
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from select import select
from threading import Event, Thread
from time import monotonic
from types import FrameType
from typing import NoReturn

SAME_SECONDS = 0.1  # `timeout` and terminals signal a process, and then its group
TELLING_SECONDS = 0.5  # for the log, whose reader may have stopped reading
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_ASKED = 0  # no signal's number
_log = logging.getLogger("logger")


class Lifetime:
    """From its making, the first SIGTERM or SIGINT sets `asked`; only the main thread makes one.

    A second one, or `shutdown_seconds` after the first, ends the process at once, and what else
    has to end with it. `under_way` says for the log what that breaks off.
    """

    def __init__(self, shutdown_seconds: float) -> None:
        self.asked = Event()
        self.why = ""
        self.under_way = "the start"
        self.reserved = 0.0  # seconds of the end that the final push leaves to what follows it
        self._at_once = _nothing
        self._shutdown_seconds = shutdown_seconds
        self._asked_at = 0.0
        self._told, self._tell = os.pipe()
        os.set_blocking(self._tell, False)  # else a handler could wait for ever
        signal.set_wakeup_fd(self._tell, warn_on_full_buffer=False)
        for number in _SIGNALS:
            # Not SIG_IGN: a program that the writer starts would inherit that.
            signal.signal(number, _leave_it_to_the_thread)
        Thread(target=self._watch, name="signals", daemon=True).start()

    @property
    def seconds_left(self) -> float:
        """Until the process is ended, once it was asked to."""
        return max(self._asked_at + self._shutdown_seconds - monotonic(), 0)

    def also_end(self, act: Callable[[], None]) -> None:
        """Call this before the process ends at once; it must not wait."""
        self._at_once = act

    def ask(self) -> None:
        """Begin the end without a signal; harmless if it has begun."""
        os.write(self._tell, bytes([_ASKED]))
        self.asked.wait()

    def leave(self, code: int) -> NoReturn:
        """End the process: threads that hang in a storage's answer are not waited for."""
        logging.shutdown()
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):  # nobody reads it any more
                stream.flush()
        os._exit(code)

    def _watch(self) -> None:
        while True:
            timeout = self.seconds_left if self.asked.is_set() else None
            ready, _, _ = select([self._told], [], [], timeout)
            if not ready:
                self._end(1, f"after {self._shutdown_seconds:g} s")
            for number in os.read(self._told, 64) if ready else b"":
                self._take(number)

    def _take(self, number: int) -> None:
        if not self.asked.is_set():
            self.why = signal.Signals(number).name if number else "no signal"
            self._asked_at = monotonic()
            self.asked.set()
        elif number and monotonic() - self._asked_at > SAME_SECONDS:
            self._end(128 + number, f"by a second signal, {signal.Signals(number).name}")

    def _end(self, code: int, how: str) -> NoReturn:
        try:
            self._at_once()
            message = "ended at once %s, in the middle of %s"
            telling = Thread(target=_log.critical, args=(message, how, self.under_way), daemon=True)
            telling.start()
            telling.join(TELLING_SECONDS)
        finally:
            os._exit(code)


def _leave_it_to_the_thread(_number: int, _frame: FrameType | None) -> None:
    """Without a handler of Python's, nothing would wake the thread."""


def _nothing() -> None:
    pass
