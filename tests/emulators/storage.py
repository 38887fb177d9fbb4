"""A strict fake of Google Cloud Storage: its JSON API over loopback, objects in memory.

The real client and gcloud talk to it; what it does not offer it refuses with a 501 instead of
ignoring it. Start it in a test with `StorageFake`, or from a shell as a script.
"""

import argparse
import signal
import sys
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

if __name__ == "__main__":  # started as a script, Python looks in this folder, not in its parent
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from emulators.storage_answers import Answer, error_answer
from emulators.storage_api import Api, Operation, Request
from emulators.storage_conditions import failure
from emulators.storage_faults import (
    Fault,
    FaultKind,
    Faults,
    flipped,
    flipped_in_upload,
    name_of_head,
    verb_of_head,
)
from emulators.storage_server import StorageServer


@dataclass(frozen=True)
class Call:
    """A request, with the status of its answer; 0 where none was sent.

    The verbs are insert (an upload in one request), start and chunk (a resumable one), get
    (metadata), media, list, delete, bucket, create_bucket, and unknown.
    """

    verb: str
    bucket: str
    name: str
    status: int
    request_bytes: int  # of the body, as for response_bytes
    response_bytes: int


class StorageFake:
    """A running fake with the given buckets; `forbidden` are rights that the caller lacks.

    The rights are create, get, list and delete; to replace an object takes create and delete.
    """

    def __init__(
        self,
        buckets: Iterable[str] = (),
        *,
        forbidden: Collection[str] = (),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        port: int = 0,
    ) -> None:
        self._api = Api(now, frozenset(forbidden))
        for bucket in buckets:
            self._api.create_bucket(bucket)
        self._calls: list[Call] = []
        self._logging = Lock()
        self._faults = Faults()
        self._server = StorageServer(port, self.refuses, self.answer)
        self.url = self._api.url = f"http://127.0.0.1:{self._server.server_port}"
        self._server.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
        if error is None:
            self._faults.check()

    def close(self) -> None:
        """Stop: no thread and no socket remains."""
        self._server.close()

    def plan(self, fault: Fault) -> Fault:
        """Let a call fail; if none comes that does, leaving the context raises."""
        return self._faults.plan(fault)

    def refuses(self, method: str, target: str) -> bool:
        """Whether the connection is reset before the body of such a request is read."""
        verb, name = verb_of_head(method, target), name_of_head(target)
        fault = self._faults.fire({FaultKind.RESET_BEFORE_BODY}, verb, name)
        if fault:
            self._record(Call(verb, "", name, 0, 0, 0))
        return fault is not None

    def answer(self, request: Request) -> Answer:
        """Answer a request, well or as planned: the one place where every whole one passes."""
        operation = self._api.resolve(request)
        later = set(FaultKind) - {FaultKind.RESET_BEFORE_BODY}
        fault = self._faults.fire(later, operation.verb, operation.name)
        answer = self._answer(request, operation, fault)
        status = answer.status if answer.fault is not FaultKind.LOST_ANSWER else 0
        sizes = len(request.body), len(answer.body)
        self._record(Call(operation.verb, operation.bucket, operation.name, status, *sizes))
        return answer

    def _answer(self, request: Request, operation: Operation, fault: Fault | None) -> Answer:
        if fault is None:
            return self._api.perform(operation)
        if fault.kind is FaultKind.STATUS:
            return error_answer(failure(fault.status, fault.retry_after))
        if fault.kind is FaultKind.RESET_AFTER_BODY:
            return Answer(0, fault=fault.kind)
        if fault.kind is FaultKind.CORRUPT_BYTES and request.body:
            corrupt = replace(request, body=flipped_in_upload(request.body))
            return self._api.perform(self._api.resolve(corrupt))
        answer = self._api.perform(operation)
        if fault.kind is FaultKind.CORRUPT_BYTES:
            return replace(answer, body=flipped(answer.body, 0))
        return replace(answer, fault=fault.kind)

    def _record(self, call: Call) -> None:
        with self._logging:
            self._calls.append(call)

    @property
    def calls(self) -> list[Call]:
        """The requests so far, in the order of their answers."""
        with self._logging:
            return list(self._calls)

    def count(self, verb: str) -> int:
        """How many requests of a verb came, refused and failed ones included."""
        return sum(call.verb == verb for call in self.calls)

    def objects(self, bucket: str) -> dict[str, bytes]:
        """The live objects of a bucket, in the order of their names."""
        return self._api.bucket(bucket).contents()

    def plant(self, bucket: str, name: str, data: bytes, created_at: datetime | None = None) -> int:
        """Put an object there, whatever is there, and return its generation."""
        return self._api.bucket(bucket).plant(name, data, created_at).generation

    def remove(self, bucket: str, name: str) -> None:
        """Take an object away; KeyError where there is none."""
        self._api.bucket(bucket).remove(name)


def main() -> None:
    """Serve until SIGTERM or SIGINT, after a line with the address."""
    parser = argparse.ArgumentParser(description="A fake of Google Cloud Storage")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--bucket", action="append", default=[], help="may be given many times")
    arguments = parser.parse_args()
    ends = {signal.SIGTERM, signal.SIGINT}
    # Blocked before the fake's threads start, which inherit it: only sigwait sees these signals.
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    with StorageFake(arguments.bucket, port=arguments.port) as fake:
        print(fake.url, flush=True)  # noqa: T201 - whoever started it reads the address
        signal.sigwait(ends)


if __name__ == "__main__":
    main()
