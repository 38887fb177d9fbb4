"""A stand-in for Cloud Scheduler: posts a body to an address on a fixed beat.

It sends what the real one sends for an HTTP target: method, body, the `X-CloudScheduler-*`
headers and the user agent (https://cloud.google.com/scheduler/docs/reference/rest, HttpTarget);
an execution never begins before the one before has ended. Real tokens and retries it has not.
"""

import argparse
import json
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from threading import Event

import requests

ATTEMPT_SECONDS = 180  # the documented default of an attempt's deadline


@dataclass(frozen=True)
class Attempt:
    """One request to the target; `status` is None where none came back."""

    schedule_time: str
    status: int | None
    answer: object  # the JSON answer, or what was said instead
    seconds: float


class SchedulerStandIn:
    """One job."""

    def __init__(self, url: str, body: bytes, name: str = "backup") -> None:
        self._url, self._body, self._name = url, body, name
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy stands between us and loopback

    def fire(self) -> Attempt:
        """Send the request once, as the job's next execution."""
        scheduled = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        headers = {
            "User-Agent": "Google-Cloud-Scheduler",
            "Content-Type": "application/octet-stream",  # unless a job sets another
            "X-CloudScheduler": "true",
            "X-CloudScheduler-JobName": self._name,
            "X-CloudScheduler-ScheduleTime": scheduled,
        }
        started = time.monotonic()
        status, answer = self._post(headers)
        return Attempt(scheduled, status, answer, round(time.monotonic() - started, 3))

    def run(self, every: float, stop: Event, tell: Callable[[Attempt], None]) -> None:
        """Fire on the beat until told to stop."""
        while not stop.wait(every - time.time() % every):
            tell(self.fire())

    def _post(self, headers: dict[str, str]) -> tuple[int | None, object]:
        try:
            got = self._session.post(
                self._url, self._body, headers=headers, timeout=ATTEMPT_SECONDS
            )
        except requests.RequestException as error:
            return None, str(error)
        try:
            return got.status_code, got.json()
        except requests.JSONDecodeError:
            return got.status_code, got.text


def main() -> int:
    """Print each attempt as one JSON line; with --once fire and tell by the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--body", default='{"action": "backup"}')
    beat = parser.add_mutually_exclusive_group(required=True)
    beat.add_argument("--every", type=float, metavar="SECONDS")
    beat.add_argument("--once", action="store_true")
    options = parser.parse_args()
    job = SchedulerStandIn(options.url, options.body.encode())
    if options.once:
        attempt = job.fire()
        _tell(attempt)
        return 0 if attempt.status is not None and 200 <= attempt.status < 300 else 1
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    job.run(options.every, stop, _tell)
    return 0


def _tell(attempt: Attempt) -> None:
    print(json.dumps(asdict(attempt)), flush=True)  # noqa: T201  a program's answer


if __name__ == "__main__":
    sys.exit(main())
