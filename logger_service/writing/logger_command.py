"""The user's own logger as the writer: started, watched, started again, stopped first.

No shell reads the command. Whatever its exit code, a logger that ends has died: one that records
has no reason to.
"""

import logging
import os
import shutil
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Event, Lock, Thread

from critical_events import CriticalEvents
from shared.errors import BadSettings
from shared.settings import LoggerSettings, secret_fields
from writing.backoff import Backoff
from writing.figures import Figures
from writing.process_group import ProcessGroup

GRACE_SECONDS = 10  # from SIGTERM to SIGKILL
GRACE_SHARE = 0.4  # of the whole shutdown, at most: then its rows have to be pushed
STABLE_SECONDS = 60  # a run longer than that makes the next pause the first one again
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1, 60
EVENT = "logger command"  # the kind of critical event that its death is

_SIGNALS = {number.value: number.name for number in signal.Signals}
_log = logging.getLogger(__name__)


class LoggerCommand:
    """Keeps the program `words` running, with `DATA_DIR` in its environment, until it is stopped.

    `backoff` gives the pauses before a restart, `clock` the seconds that a run is measured in.

    Raises:
        BadSettings: there is no such program, or it may not be executed.
    """

    def __init__(  # noqa: PLR0913  the last three are there for tests, and have defaults
        self,
        words: Sequence[str],
        data_dir: Path,
        events: CriticalEvents,
        *,
        backoff: Backoff | None = None,
        grace_seconds: float = GRACE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        _require_program(words[0])
        self._words = words
        self._environment = program_environment(os.environ, data_dir)
        self._events = events
        self._backoff = backoff or Backoff(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
        self._grace_seconds = grace_seconds
        self._clock = clock
        self._starts = 0
        self._is_running = False
        self._stopping = Event()
        self._starting = Lock()  # held while a program starts, so that none does after a stop
        self._group: ProcessGroup | None = None
        self._thread = Thread(target=self._keep_running, name="logger command", daemon=True)

    def own_paths(self) -> set[str]:
        """None: nothing is known of how the program writes its files."""
        return set()

    def summary(self) -> str:
        """How often the program was started."""
        return f"starts of the logger command: {self._starts}"

    def figures(self) -> Figures:
        """Whether the program runs, and how often it was started; its rows are its own."""
        return Figures(kind="logger command", is_running=self._is_running, starts=self._starts)

    def start(self) -> None:
        """Run the program from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Return when nothing of the program is left, and nothing will start it again."""
        self._stopping.set()
        self._end_group()
        if self._thread.ident is not None:
            self._thread.join()

    def kill(self) -> None:
        """End the program and all of its group at once; its last rows are lost."""
        self._stopping.set()
        with self._starting:
            group = self._group
        if group:
            group.kill()

    def _keep_running(self) -> None:
        while not self._stopping.is_set():
            began = self._clock()
            how = self._run_once()
            seconds = self._clock() - began
            if self._stopping.is_set():
                _log.info("the logger command %s", how)
                return
            if seconds > STABLE_SECONDS:
                self._backoff.reset()
            self._events.report(EVENT, f"the logger command {how} after {seconds:.1f} s")
            self._end_group()  # two writers at once would be worse than none
            pause = self._backoff.next()
            _log.info("the logger command starts again in %g s", pause)
            self._stopping.wait(pause)

    def _run_once(self) -> str:
        """Start the program and wait for its end, of which it tells."""
        with self._starting:
            if self._stopping.is_set():
                return "is not started"
            try:
                group = self._group = ProcessGroup(self._words, self._environment)
                self._starts += 1
                self._is_running = True
            except OSError as error:
                return f"could not be started: {error.strerror}"
        if group.runs_for(STABLE_SECONDS):
            self._events.over(EVENT, f"the logger command has run for {STABLE_SECONDS:g} s")
        code = group.wait()
        self._is_running = False
        if code < 0:
            return f"was ended by {_SIGNALS.get(-code, f'signal {-code}')}"
        return f"ended with exit code {code}"

    def _end_group(self) -> None:
        with self._starting:
            group = self._group
        if group:
            group.end(self._grace_seconds)


def grace(shutdown_seconds: float) -> float:
    """Seconds that the program has to end, of those that the whole shutdown has."""
    return min(GRACE_SECONDS, GRACE_SHARE * shutdown_seconds)


def program_environment(ours: Mapping[str, str], data_dir: Path) -> dict[str, str]:
    """Our own environment, less what is for us alone, with where the data goes.

    A logger that reads PORT would want the one that our server has. Our tokens open nothing that
    it needs, and programs print their environment, or send it to error trackers. A Python program
    would keep its lines back while its output is no terminal, and lose them when it is killed.
    """
    for_us_alone = {"port", *secret_fields(LoggerSettings)}
    passed_on = {name: value for name, value in ours.items() if name.lower() not in for_us_alone}
    return {"PYTHONUNBUFFERED": "1", **passed_on, "DATA_DIR": str(data_dir.absolute())}


def _require_program(program: str) -> None:
    if shutil.which(program):
        return
    found = "a file that may not be executed" if Path(program).exists() else "no such program"
    raise BadSettings(
        f"LOGGER_COMMAND: found {program!r}, {found}; expected one in PATH, or its path",
        name=program,
        hint="No shell reads it: write python my_logger.py, ./my_logger, env NAME=VALUE program "
        "or sh -c '...'",
    )
