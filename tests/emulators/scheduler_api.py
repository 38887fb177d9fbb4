"""A stand-in for Cloud Scheduler: Google's own client and gcloud manage its jobs, and it runs them.

Its v1 REST API is served over loopback (https://cloud.google.com/scheduler/docs/reference/rest);
what it does not offer it refuses with a 501. Start it in a test with `SchedulerFake`, or from a
shell as a script, where CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDSCHEDULER leads to it.
"""

import argparse
import json
import signal
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

if __name__ == "__main__":  # started as a script, Python looks in this folder, not in its parent
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from google.rpc.code_pb2 import Code

from emulators.google_signing import PrivateKey
from emulators.scheduler_clock import Clock
from emulators.scheduler_execution import Executions
from emulators.scheduler_jobs import Refused
from emulators.scheduler_kept import JobAttempt
from emulators.scheduler_routes import CERTIFICATES, READING, Operation, perform, resolve
from emulators.scheduler_store import JobStore
from emulators.scheduler_tokens import Tokens
from emulators.storage_answers import Answer
from emulators.storage_api import Request
from emulators.storage_server import StorageServer

PATIENCE_SECONDS = 30  # for what takes a moment; a test that waits so long has failed
LOCATIONS = ("asia-east1", "europe-west1", "us-central1", "us-east1", "us-west1")


@dataclass(frozen=True)
class Call:
    """A request, with the status of its answer.

    The verbs are those of `scheduler_routes.py`.
    """

    verb: str
    name: str  # of the job, or of where it lies
    mask: str  # of a patch
    status: int


class SchedulerFake:
    """A running stand-in; its jobs run as its `clock` tells.

    `knows_account` says which service accounts the caller may act as, by default all of them;
    `signer` signs their tokens, by default a key of its own.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        locations: Collection[str] = LOCATIONS,
        knows_account: Callable[[str], bool] = lambda _: True,
        signer: PrivateKey | None = None,
        port: int = 0,
    ) -> None:
        self.clock = clock or Clock()
        self._tokens = Tokens(signer)
        self._executions = Executions(self.clock, self._tokens)
        self._store = JobStore(self.clock, self._executions, locations, knows_account)
        self._calls: list[Call] = []
        self._planned: list[Refused] = []
        self._server = StorageServer(port, lambda *_: False, self._answer)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"  # gcloud wants the slash
        self.certs_url = self.url + CERTIFICATES
        self._server.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop: no thread and no socket remains, once the targets have answered."""
        self._server.close()
        self._executions.close()

    @property
    def calls(self) -> list[Call]:
        """The requests so far."""
        with self.clock.changed:
            return list(self._calls)

    @property
    def changes(self) -> list[Call]:
        """Those of them that were to change or to run a job."""
        return [call for call in self.calls if call.verb not in READING]

    @property
    def attempts(self) -> list[JobAttempt]:
        """The attempts that have ended, in the order of their ends."""
        with self.clock.changed:
            return list(self._executions.attempts)

    @property
    def jobs(self) -> dict[str, dict[str, Any]]:
        """Each job in JSON, by the last part of its name."""
        return self._store.told()

    def wait_for_attempts(self, count: int) -> list[JobAttempt]:
        """Return all attempts once so many have ended."""
        self._wait_for(lambda: len(self._executions.attempts) >= count)
        return self.attempts

    def wait_until_idle(self) -> None:
        """Return once no job runs, and none is being tried again."""
        self._wait_for(lambda: not any(one.running for one in self._executions.jobs.values()))

    def _wait_for(self, holds: Callable[[], bool]) -> None:
        assert self.clock.wait_for(holds, patience=PATIENCE_SECONDS), "it did not come to that"

    def deliver_next_twice(self) -> None:
        """Send the next attempt twice at once; only one of the answers counts."""
        with self.clock.changed:
            self._executions.to_double += 1

    def refuse_next(self, status: int, code: int, message: str) -> None:
        """Let the next request fail."""
        with self.clock.changed:
            self._planned.append(Refused(status, code, message))

    def _answer(self, request: Request) -> Answer:
        """Answer a request: the one place where every one passes."""
        operation = resolve(request)
        try:
            with self.clock.changed:
                if self._planned:
                    raise self._planned.pop(0)
            answer = _json(200, self._perform(operation, request))
        except Refused as refused:
            answer = _error(refused)
        with self.clock.changed:
            mask = request.query.get("updateMask", "")
            self._calls.append(Call(operation.verb, operation.name, mask, answer.status))
        return answer

    def _perform(self, operation: Operation, request: Request) -> object:
        if operation.verb == "certificates":
            return self._tokens.certificates()
        return perform(operation, request, self._store)


def _json(status: int, body: object) -> Answer:
    headers = {"Content-Type": "application/json; charset=UTF-8"}
    return Answer(status, json.dumps(body).encode(), headers)


def _error(refused: Refused) -> Answer:
    told = {"code": refused.status, "message": refused.message, "status": Code.Name(refused.code)}
    return _json(refused.status, {"error": told})


def main() -> None:
    """Serve until SIGTERM or SIGINT, after a line with the address."""
    parser = argparse.ArgumentParser(description="A stand-in for Cloud Scheduler")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--speed", type=float, default=1.0, help="its seconds in a second")
    arguments = parser.parse_args()
    ends = {signal.SIGTERM, signal.SIGINT}
    # Blocked before the threads start, which inherit it: only sigwait sees these signals.
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    with SchedulerFake(clock=Clock(speed=arguments.speed), port=arguments.port) as fake:
        print(fake.url, flush=True)  # noqa: T201 - whoever started it reads the address
        signal.sigwait(ends)


if __name__ == "__main__":
    main()
