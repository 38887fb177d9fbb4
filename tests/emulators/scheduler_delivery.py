"""One request as Cloud Scheduler sends it to an HTTP target, and what came of it.

Headers and user agent are those of
https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs (HttpTarget).
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import requests

USER_AGENT = "Google-Cloud-Scheduler"
ATTEMPT_SECONDS = 180  # the documented default of an attempt's deadline
_NEVER_A_JOBS_OWN = ("host", "content-length", "user-agent")  # ignored, or replaced
_INTERNAL = ("x-google-", "x-appengine-", "x-cloudscheduler")


@dataclass(frozen=True)
class Attempt:
    """One request to the target; `status` is None where none came back."""

    schedule_time: str
    status: int | None
    answer: object  # the JSON answer, or what was said instead
    seconds: float

    @property
    def is_success(self) -> bool:
        """Whether Cloud Scheduler counts it as one."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True)
class Delivery:
    """What a job sends: `name` is the last part of the job's."""

    name: str
    url: str
    body: bytes
    method: str = "POST"
    headers: Mapping[str, str] | None = None

    def send(self, scheduled: datetime, timeout: float = ATTEMPT_SECONDS) -> Attempt:
        """Send it once; an answer that is not there within `timeout` seconds is none."""
        told = timestamp(scheduled)
        started = time.monotonic()
        status, answer = self._exchange(self._all_headers(told), timeout)
        return Attempt(told, status, answer, round(time.monotonic() - started, 3))

    def _all_headers(self, scheduled: str) -> dict[str, str]:
        own = {
            name: value
            for name, value in (self.headers or {}).items()
            if name.lower() not in _NEVER_A_JOBS_OWN and not name.lower().startswith(_INTERNAL)
        }
        if self.body and not any(name.lower() == "content-type" for name in own):
            own["Content-Type"] = "application/octet-stream"
        return own | {
            "User-Agent": USER_AGENT,
            "X-CloudScheduler": "true",
            "X-CloudScheduler-JobName": self.name,
            "X-CloudScheduler-ScheduleTime": scheduled,
        }

    def _exchange(self, headers: dict[str, str], timeout: float) -> tuple[int | None, object]:
        with requests.Session() as session:
            session.trust_env = False  # no proxy stands between us and loopback
            try:
                got = session.request(
                    self.method, self.url, data=self.body, headers=headers, timeout=timeout
                )
            except requests.RequestException as error:
                return None, str(error)
        try:
            return got.status_code, got.json()
        except requests.JSONDecodeError:
            return got.status_code, got.text


def timestamp(moment: datetime) -> str:
    """A time as Google's JSON writes it, in whole seconds."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
