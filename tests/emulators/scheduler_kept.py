"""A job of the Cloud Scheduler stand-in as it stands: what is due, what runs, what was tried."""

from dataclasses import dataclass
from datetime import datetime

from google.cloud.scheduler_v1 import HttpMethod, Job

from emulators.scheduler_delivery import Attempt, Delivery
from emulators.scheduler_jobs import Message
from emulators.scheduler_retries import Retries
from emulators.scheduler_schedule import next_time
from emulators.scheduler_tokens import Tokens


@dataclass
class KeptJob:
    """A job that is there; the clock's lock guards all of it."""

    job: Message
    due: datetime | None = None  # None while it is paused
    running: int = 0  # executions, retries included
    is_gone: bool = False

    @property
    def is_waiting(self) -> bool:
        """Whether it is its schedule that decides when it runs."""
        return self.job.state == Job.State.ENABLED and not self.running and not self.is_gone

    @property
    def retries(self) -> Retries:
        """When it is tried again."""
        told = self.job.retry_config
        durations = told.max_retry_duration, told.min_backoff_duration, told.max_backoff_duration
        longest, first_pause, longest_pause = (one.ToTimedelta() for one in durations)
        return Retries(told.retry_count, longest, first_pause, longest_pause, told.max_doublings)

    @property
    def deadline_seconds(self) -> float:
        """Of each attempt."""
        return float(self.job.attempt_deadline.ToTimedelta().total_seconds())

    def delivery(self, tokens: Tokens) -> Delivery:
        """What is sent to the target, with a token where the job has an account."""
        target, name = self.job.http_target, self.job.name.rpartition("/")[2]
        headers, method = dict(target.headers), HttpMethod(target.http_method).name
        if target.HasField("oidc_token"):
            token = target.oidc_token
            signed = tokens.sign(token.service_account_email, token.audience or target.uri)
            headers["Authorization"] = f"Bearer {signed}"
        return Delivery(name, target.uri, target.body, method, headers)

    def next_time(self, after: datetime) -> datetime:
        """When its schedule comes round next."""
        return next_time(self.job.schedule, self.job.time_zone, after)


@dataclass(frozen=True)
class JobAttempt:
    """An attempt of a job: what was sent, and what came of it."""

    job: str  # its whole name
    number: int  # of the execution, from 1
    began_at: datetime
    attempt: Attempt
    code: int  # google.rpc
