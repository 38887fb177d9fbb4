"""All background jobs of this process: at most one of a kind runs, and the newest are remembered.

Nobody waits for one when the process ends: what `stop` does not end goes with it, and no backup
is half made.
"""

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from threading import Event, Lock

from operating.background_job import BackgroundJob, State, Work
from operating.failure import status_of
from shared.errors import BackupError
from shared.parallel import in_background

MOST_KEPT = 20
Listener = Callable[[BackgroundJob], object]
_log = logging.getLogger(__name__)


class BackgroundJobs:
    """Begins jobs until `stop` is set, and tells each of `on_end` of every one that has ended.

    `ended` counts those by kind and state.
    """

    def __init__(self, stop: Event, on_end: Sequence[Listener] = ()) -> None:
        self._stop, self._on_end = stop, tuple(on_end)
        self._lock = Lock()
        self._jobs: list[BackgroundJob] = []  # the newest last
        self.ended: Counter[tuple[str, State]] = Counter()

    def begin(self, kind: str, asked: Mapping[str, object], work: Work) -> BackgroundJob:
        """A new job, or the one of this kind that runs; raises BackupError at the process's end."""
        with self._lock:
            if running := self._running(kind):
                return running
            if self._stop.is_set():
                raise BackupError("the logger is ending", hint="Ask the next one", status=503)
            job = BackgroundJob(kind, asked)
            in_background(partial(job.run, work, self._settle))
            self._jobs = [*self._kept(), job]  # not before: one without a thread would never end
            _log.info("%s job %s begins", kind, job.id)
        return job

    def newest_first(self) -> list[BackgroundJob]:
        """Those that are remembered."""
        return self._jobs[::-1]

    def get(self, job_id: str) -> BackgroundJob | None:
        """The job of this id; None where there is none, or none any more."""
        return next((job for job in self._jobs if job.id == job_id), None)

    def _kept(self) -> list[BackgroundJob]:
        """The newest, and older ones that still run."""
        newest = self._jobs[-MOST_KEPT + 1 :]
        return [job for job in self._jobs if job in newest or job.is_running]

    def _running(self, kind: str) -> BackgroundJob | None:
        return next((job for job in self._jobs if job.is_running and job.kind == kind), None)

    def _settle(self, job: BackgroundJob) -> None:
        with self._lock:
            self.ended[job.kind, job.state] += 1
        if job.error:
            level = logging.ERROR if status_of(job.error) >= 500 else logging.WARNING
            _log.log(level, "%s job %s failed: %s", job.kind, job.id, job.error)
        else:
            _log.info("%s job %s is done", job.kind, job.id)
        for listener in self._on_end:
            try:
                listener(job)
            except Exception:  # noqa: BLE001  the others want to know, too
                _log.exception("A listener failed at the end of a job")
