"""One piece of work in the background, from being asked for to its result or its error."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from secrets import token_hex
from threading import Event

from operating.failure import JobFailed, as_ours, described
from operating.job_progress import JobProgress
from shared.errors import BackupError
from shared.names import timestamp

Work = Callable[[JobProgress], object]  # what it returns or raises is the job's end


class State(StrEnum):
    """Where a job is."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class BackgroundJob:
    """What was `asked` for, how far it is, and what came of it."""

    def __init__(self, kind: str, asked: Mapping[str, object]) -> None:
        self.id = token_hex(4)
        self.kind, self.asked = kind, asked
        self.state = State.RUNNING
        self.started_at, self.ended_at = timestamp(datetime.now(UTC)), ""
        self.progress = JobProgress()
        self.result: object = None
        self.error: BackupError | None = None
        self._ended = Event()

    def run(self, work: Work, on_end: Callable[["BackgroundJob"], None]) -> None:
        """Do the work in this thread; whoever waits goes on after `on_end`."""
        try:
            self.result = work(self.progress)
        except JobFailed as error:
            self.error, self.result = error, error.result
        except BackupError as error:
            self.error = error
        except Exception as error:  # noqa: BLE001  whatever it is, it is the job's end
            self.error = as_ours(error)
        self.progress.end()
        self.ended_at = timestamp(datetime.now(UTC))
        self.state = State.FAILED if self.error else State.DONE
        try:
            on_end(self)
        finally:
            self._ended.set()

    @property
    def is_running(self) -> bool:
        """Whether it has not come to its end."""
        return self.state is State.RUNNING

    def wait(self) -> None:
        """Until it has ended."""
        self._ended.wait()

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "id": self.id,
            "kind": self.kind,
            "state": self.state,
            "asked": self.asked,
            "started_at": self.started_at,
            "ended_at": self.ended_at or None,
            "progress": self.progress.as_dict(),
            "result": self.result,
            "error": described(self.error) if self.error else None,
        }
