"""The logger command as tests start it: with short pauses, and stopped at their end."""

from collections.abc import Callable, Sequence
from pathlib import Path

from critical_events import CriticalEvents
from programs import words
from writing.backoff import Backoff
from writing.logger_command import GRACE_SECONDS, LoggerCommand


class Commands:
    """Makes commands that write into a directory and report to `events`."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.events = CriticalEvents()
        self.made: list[LoggerCommand] = []

    def make(
        self,
        program: str | Sequence[str],
        *,
        backoff: Backoff | None = None,
        grace_seconds: float = GRACE_SECONDS,
        clock: Callable[[], float] = lambda: 0,
    ) -> LoggerCommand:
        """One that is not started; `program` has the lines of a program, or a command's words."""
        command = LoggerCommand(
            words(program) if isinstance(program, str) else program,
            self.data_dir,
            self.events,
            backoff=backoff or Backoff(0.001, 0.001),
            grace_seconds=grace_seconds,
            clock=clock,
        )
        self.made.append(command)
        return command

    def stop(self) -> None:
        """Stop all of them."""
        for command in self.made:
            command.stop()
