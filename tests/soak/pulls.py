"""The backup function and its scheduler: one pull after the other, and a function that can die."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from threading import Condition, Event, Thread
from typing import Self

from emulators.scheduler import SchedulerStandIn
from emulators.scheduler_delivery import Attempt
from job_processes import JobProcess, running_function

BEAT_SECONDS = 0.5
PATIENCE_SECONDS = 60


class Pulls:
    """Fires at the function on the beat, from `up` on; a context that ends both."""

    def __init__(self, folder: Path, url: str, token: str, settings: Mapping[str, str]) -> None:
        self._folder, self._url = folder, url
        self._settings = {"SNAPSHOT_TOKEN": token, **settings}
        self._attempts: list[Attempt] = []
        self._ended = Condition()
        self._running = ExitStack()
        self._function: JobProcess | None = None

    def __enter__(self) -> Self:
        self.up()
        return self

    def __exit__(self, *_: object) -> None:
        self.down()
        self._running.close()

    def up(self) -> None:
        """Start the function, and let the scheduler fire at it."""
        self._running.close()
        function = running_function(self._folder, self._url, **self._settings)
        self._function = self._running.enter_context(function)
        stop = Event()
        job = SchedulerStandIn(self._function.url, b'{"action": "backup"}')
        beat = Thread(target=job.run, args=(BEAT_SECONDS, stop, self._tell), daemon=True)
        beat.start()
        self._running.callback(beat.join)
        self._running.callback(stop.set)

    def down(self) -> None:
        """Kill the function, also within a pull; the scheduler goes on."""
        if self._function:
            self._function.kill()

    def call(self, action: str) -> Attempt:
        """Fire once, beside the beat."""
        assert self._function is not None, "the function was never started"
        return SchedulerStandIn(self._function.url, f'{{"action": "{action}"}}'.encode()).fire()

    def wait_for(self, count: int, *, good: bool) -> None:
        """Return when so many more attempts have succeeded, or failed."""
        with self._ended:
            begun = len(self._attempts)
            done = self._ended.wait_for(
                lambda: sum(is_good(one) is good for one in self._attempts[begun:]) >= count,
                PATIENCE_SECONDS,
            )
            assert done, f"not {count} pulls that are good={good}: {self._attempts[begun:]}"

    def _tell(self, attempt: Attempt) -> None:
        with self._ended:
            self._attempts.append(attempt)
            self._ended.notify_all()


def is_good(attempt: Attempt) -> bool:
    """Whether it made a backup, or found nothing new."""
    return attempt.status == 200
