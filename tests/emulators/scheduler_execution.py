"""Runs the jobs of the Cloud Scheduler stand-in: by their schedule, and whenever somebody asks.

By its schedule a job never begins before what it does has ended, and of several times that went by
meanwhile only the latest is made up for; `run` sends it on its way at once. Deliveries come at
least once (https://cloud.google.com/scheduler/docs/overview): here twice where a test wants that.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from threading import Thread

from google.cloud.scheduler_v1 import Job

from emulators.scheduler_clock import Clock
from emulators.scheduler_delivery import Attempt
from emulators.scheduler_kept import JobAttempt, KeptJob
from emulators.scheduler_retries import NOT_YET_RUN, code_of
from emulators.scheduler_tokens import Tokens


class Executions:
    """Keeps the jobs going until it is closed."""

    def __init__(self, clock: Clock, tokens: Tokens) -> None:
        self.jobs: dict[str, KeptJob] = {}
        self.attempts: list[JobAttempt] = []
        self.to_double = 0  # so many attempts that come are delivered twice
        self._clock, self._tokens = clock, tokens
        self._is_closed = False
        self._threads: list[Thread] = []
        self._beat = self._started(self._keep_time)

    def close(self) -> None:
        """Begin nothing more, and return when all has ended."""
        with self._clock.changed:
            self._is_closed = True
            self._clock.changed.notify_all()
        self._beat.join()
        while self._threads:  # one that is waited for here may begin another
            self._threads.pop().join()

    def reschedule(self, kept: KeptJob) -> None:
        """Work out when a job is due next: after a change of it."""
        with self._clock.changed:
            kept.due = None
            if kept.job.state == Job.State.ENABLED:
                kept.due = kept.next_time(self._clock.now())
                kept.job.schedule_time.FromDatetime(kept.due)
            self._clock.changed.notify_all()

    def run(self, kept: KeptJob) -> None:
        """Send a job on its way, also while it runs or is paused."""
        with self._clock.changed:
            self._begin(kept, self._clock.now())

    def _keep_time(self) -> None:
        while True:
            self._clock.wait_for(lambda: self._is_closed or bool(self._due()), self._next)
            with self._clock.changed:
                if self._is_closed:
                    return
                for kept in self._due():
                    scheduled = self._latest(kept)
                    kept.due = kept.next_time(scheduled)
                    self._begin(kept, scheduled)

    def _due(self) -> list[KeptJob]:
        now = self._clock.now()
        return [one for one in self.jobs.values() if one.is_waiting and one.due and one.due <= now]

    def _next(self) -> datetime | None:
        return min(
            (one.due for one in self.jobs.values() if one.is_waiting and one.due), default=None
        )

    def _latest(self, kept: KeptJob) -> datetime:
        latest = kept.due
        assert latest is not None
        while (following := kept.next_time(latest)) <= self._clock.now():
            latest = following
        return latest

    def _begin(self, kept: KeptJob, scheduled: datetime) -> None:
        kept.running += 1
        first = self._clock.now()
        self._threads.append(self._started(lambda: self._execute(kept, scheduled, first)))

    def _started(self, what: Callable[[], None]) -> Thread:
        thread = Thread(target=what, daemon=True)
        thread.start()
        return thread

    def _execute(self, kept: KeptJob, scheduled: datetime, first: datetime) -> None:
        number = 1
        while (again := self._attempt(kept, scheduled, number, first)) and self._comes(kept, again):
            number += 1
        with self._clock.changed:
            kept.running -= 1
            if kept.due:
                kept.job.schedule_time.FromDatetime(kept.due)
            self._clock.changed.notify_all()

    def _attempt(
        self, kept: KeptJob, scheduled: datetime, number: int, first: datetime
    ) -> datetime | None:
        """One of an execution; when the next one is, if there is one."""
        with self._clock.changed:
            began_at = self._clock.now()
            kept.job.last_attempt_time.FromDatetime(began_at)
            kept.job.status.code = NOT_YET_RUN
            deadline = self._clock.real(kept.deadline_seconds)
            send = partial(kept.delivery(self._tokens).send, scheduled, deadline)
            note = partial(self._note, kept.job.name, number, began_at, deadline)
            if self.to_double:
                self.to_double -= 1
                kept.running += 1
                self._threads.append(self._started(lambda: self._deliver_again(kept, send, note)))
            self._clock.changed.notify_all()
        attempt = send()
        with self._clock.changed:
            kept.job.status.code = code = note(attempt)
            return self._retry_time(kept, number, first) if code else None

    def _deliver_again(
        self, kept: KeptJob, send: Callable[[], Attempt], note: Callable[[Attempt], int]
    ) -> None:
        """What the target answers to that decides nothing."""
        attempt = send()
        with self._clock.changed:
            kept.running -= 1
            note(attempt)

    def _note(
        self, job: str, number: int, began_at: datetime, deadline: float, attempt: Attempt
    ) -> int:
        """Keep an attempt that has ended; its code."""
        code = code_of(attempt, deadline=deadline)
        with self._clock.changed:
            self.attempts.append(JobAttempt(job, number, began_at, attempt, code))
            self._clock.changed.notify_all()
        return code

    def _retry_time(self, kept: KeptJob, failed: int, first: datetime) -> datetime | None:
        """None where it is not tried again: its next time by the schedule may come before."""
        now = self._clock.now()
        if not kept.retries.goes_on(failed, now - first):
            return None
        again = now + kept.retries.pause(failed)
        if kept.due and kept.due <= again:
            return None
        kept.job.schedule_time.FromDatetime(again)
        return again

    def _comes(self, kept: KeptJob, again: datetime) -> bool:
        """Wait for the time of a retry; whether it comes before the job goes."""

        def is_over() -> bool:
            return self._is_closed or kept.is_gone or self._clock.now() >= again

        self._clock.wait_for(is_over, lambda: again)
        return not (self._is_closed or kept.is_gone)
