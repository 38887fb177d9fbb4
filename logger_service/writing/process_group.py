"""A program in a process group of its own, which ends with all that it has started there.

What a program leaves behind goes on writing: whoever starts it anew, or wants its last rows, has
to know that nothing of it is left.
"""

import logging
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock

_POLL_SECONDS = 0.02  # the system tells of a child's end, never of a group's
_PROC = Path("/proc")
_log = logging.getLogger(__name__)


class ProcessGroup:
    """Starts the program; its output goes where ours goes, and it has no input.

    Raises:
        OSError: it could not be started.
    """

    def __init__(self, words: Sequence[str], environment: Mapping[str, str]) -> None:
        self._ending = Lock()
        self._has_ended = False
        # Its own session, so that a terminal's Ctrl-C reaches us alone, and we end it in order.
        self._program = subprocess.Popen(  # noqa: S603  the words are the user's own, without a shell
            list(words), env=dict(environment), stdin=subprocess.DEVNULL, start_new_session=True
        )

    def wait(self) -> int:
        """The program's exit code, once it has ended; minus a number is the signal that ended it.

        What it has started may still run.
        """
        return self._program.wait()

    def runs_for(self, seconds: float) -> bool:
        """Whether the program still runs after so many seconds; False as soon as it has ended."""
        try:
            self._program.wait(seconds)
        except subprocess.TimeoutExpired:
            return True
        return False

    def end(self, grace_seconds: float) -> None:
        """Return when nothing of the group is left: SIGTERM, and after the grace period SIGKILL.

        A second call, from any thread, waits for the first one and adds no further signal.
        """
        with self._ending:
            if self._has_ended:
                return
            self._send(signal.SIGTERM)
            if not self._is_gone_within(grace_seconds):
                _log.warning(
                    "process group %d did not end within %g s of SIGTERM and is killed",
                    self._program.pid,
                    grace_seconds,
                )
                self._send(signal.SIGKILL)
                while not self._is_gone():
                    time.sleep(_POLL_SECONDS)
            self._has_ended = True

    def kill(self) -> None:
        """SIGKILL, and no waiting: not even for a call of `end` that waits."""
        if not self._has_ended:  # else its number may be another group's by now
            self._send(signal.SIGKILL)

    def _send(self, number: int) -> bool:
        """Whether there was anything that got the signal; 0 only asks."""
        try:
            os.killpg(self._program.pid, number)
        except (ProcessLookupError, PermissionError):  # the latter for zombies, on macOS
            return False
        return True

    def _is_gone_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while not self._is_gone():
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL_SECONDS)
        return True

    def _is_gone(self) -> bool:
        if self._program.poll() is None:
            return False
        if self._send(0) and _has_more_than_zombies(self._program.pid):
            return False
        _reap(self._program.pid)
        return True


def _reap(group: int) -> None:
    """Take the exit codes of what became our child when the program ended.

    It does where we are the first process of a container, and nobody else would.
    """
    with suppress(ChildProcessError):
        while os.waitpid(-group, os.WNOHANG)[0]:
            pass


def _has_more_than_zombies(group: int) -> bool:
    """Whether one still runs; where there is no /proc to tell, any counts as running.

    A zombie writes nothing, and where a container's first process takes no exit codes it stays.
    """
    states = [_state(entry / "stat", group) for entry in _PROC.glob("[0-9]*")]
    return not states or any(state not in ("", "Z", "X") for state in states)


def _state(stat: Path, group: int) -> str:
    """The letter for a process's state; empty for one of another group, or that has gone."""
    try:
        # The name, in parentheses, may hold anything, parentheses too.
        state, _parent, its_group, *_ = stat.read_bytes().rpartition(b")")[2].split()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return ""  # the last for other people's processes, where /proc hides them
    return state.decode() if int(its_group) == group else ""
