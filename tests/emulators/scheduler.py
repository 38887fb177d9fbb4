"""A stand-in for Cloud Scheduler: posts a body to an address on a fixed beat.

It sends what the real one sends for an HTTP target, and an execution never begins before the one
before has ended. Jobs, tokens and retries `scheduler_api.py` has.
"""

import argparse
import json
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

if __name__ == "__main__":  # started as a script, Python looks in this folder, not in its parent
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from emulators.scheduler_delivery import Attempt, Delivery


class SchedulerStandIn:
    """One job."""

    def __init__(self, url: str, body: bytes, name: str = "backup") -> None:
        self._delivery = Delivery(name, url, body)

    def fire(self) -> Attempt:
        """Send the request once, as the job's next execution."""
        return self._delivery.send(datetime.now(UTC))

    def run(self, every: float, stop: Event, tell: Callable[[Attempt], None]) -> None:
        """Fire on the beat until told to stop."""
        while not stop.wait(every - time.time() % every):
            tell(self.fire())


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
        return 0 if attempt.is_success else 1
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    job.run(options.every, stop, _tell)
    return 0


def _tell(attempt: Attempt) -> None:
    print(json.dumps(asdict(attempt)), flush=True)  # noqa: T201  a program's answer


if __name__ == "__main__":
    sys.exit(main())
