"""A strict fake of Google Cloud Storage: its JSON API over loopback, objects in memory.

The real client and gcloud talk to it; what it does not offer it refuses with a 501 instead of
ignoring it. Start it in a test with `StorageFake`, or from a shell as a script.
"""

import argparse
import json
import signal
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

if __name__ == "__main__":  # started as a script, Python looks in this folder, not in its parent
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from emulators.storage_access import Access
from emulators.storage_accounts import StorageAccounts
from emulators.storage_answers import Answer, error_answer
from emulators.storage_api import Operation, Request
from emulators.storage_bucket_api import BucketApi
from emulators.storage_buckets import Bucket, Buckets
from emulators.storage_calls import Call, Calls
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
from emulators.storage_object_api import ObjectApi
from emulators.storage_restore_api import RestoreApi
from emulators.storage_rewrite_api import RewriteApi
from emulators.storage_routes import Routes
from emulators.storage_server import StorageServer

# A test's own buckets keep nothing of what is deleted, which would only fill the memory.
_PLAIN = {"location": "us-central1", "softDeletePolicy": {"retentionDurationSeconds": "0"}}


class StorageFake:
    """A running fake with the given buckets; `forbidden` are rights that the caller lacks.

    The rights are create, get, list and delete; to replace an object takes create and delete.
    They are those of callers without a token. A service account that brings one, changed for
    its key at `token_uri`, has the roles that the bucket's policy gives it; `grant` does that.
    With `tokens_required` nobody else may do anything. `identify` says who holds a token of
    another server, and `owners` may do everything in their project. Of the service accounts
    that `knows_account` does not know, none comes into a policy. `taken` are names of buckets
    that another project has.
    """

    def __init__(
        self,
        buckets: Iterable[str] = (),
        *,
        forbidden: Collection[str] = (),
        tokens_required: bool = False,
        identify: Callable[[str], str | None] = lambda _: None,
        owners: Collection[str] = (),
        knows_account: Callable[[str], bool] = lambda _: True,
        taken: Collection[str] = (),
        project_number: str = "1",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        port: int = 0,
    ) -> None:
        access = Access.of(forbidden, owners, tokens_required=tokens_required)
        self._buckets = Buckets(now, taken)
        for bucket in buckets:
            self._buckets.create("p1", {"name": bucket, **_PLAIN})
        self._accounts = StorageAccounts(now, identify)
        apis = (
            *(api(self._buckets) for api in (ObjectApi, RewriteApi, RestoreApi)),
            BucketApi(self._buckets, project_number, knows_account),
        )
        self._routes = Routes(apis, self._accounts, access)
        self._calls = Calls()
        self._faults = Faults()
        self._server = StorageServer(port, self.refuses, self.answer)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._routes.serve_at(self.url)
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
        """Stop: no thread and no socket remains, nor anything that is held."""
        self._faults.end()
        self._server.close()

    def plan(self, fault: Fault) -> Fault:
        """Let a call fail; if none comes that does, leaving the context raises."""
        return self._faults.add(fault)

    @contextmanager
    def holding(self, verb: str, name: str = "") -> Iterator[Fault]:
        """Do and answer such calls, about objects whose name contains this, at the block's end.

        One that nobody waits for any more is done all the same.
        """
        held = self.plan(Fault(FaultKind.HELD, verb, name, times=None))
        try:
            yield held
        finally:
            held.end()

    def refuses(self, method: str, target: str) -> bool:
        """Whether the connection is reset before the body of such a request is read."""
        verb, name = verb_of_head(method, target), name_of_head(target)
        fault = self._faults.fire({FaultKind.RESET_BEFORE_BODY}, verb, name)
        if fault:
            self._calls.record(Call(verb, "", name, 0, 0, 0))
        return fault is not None

    def answer(self, request: Request) -> Answer:
        """Answer a request, well or as planned: the one place where every whole one passes."""
        operation = self._routes.resolve(request)
        later = set(FaultKind) - {FaultKind.RESET_BEFORE_BODY}
        fault = self._faults.fire(later, operation.verb, operation.name)
        if fault and fault.kind is FaultKind.HELD:
            fault.hold()
            fault = None
        answer = self._answer(request, operation, fault)
        status = answer.status if answer.fault is not FaultKind.LOST_ANSWER else 0
        sizes = len(request.body), len(answer.body)
        self._calls.record(Call(operation.verb, operation.bucket, operation.name, status, *sizes))
        return answer

    def _answer(self, request: Request, operation: Operation, fault: Fault | None) -> Answer:
        if fault is None:
            return self._routes.perform(operation, request)
        if fault.kind is FaultKind.STATUS:
            return error_answer(failure(fault.status, fault.retry_after))
        if fault.kind is FaultKind.RESET_AFTER_BODY:
            return Answer(0, fault=fault.kind)
        if fault.kind is FaultKind.CORRUPT_BYTES and request.body:
            corrupt = replace(request, body=flipped_in_upload(request.body))
            return self._routes.perform(self._routes.resolve(corrupt), corrupt)
        answer = self._routes.perform(operation, request)
        if fault.kind is FaultKind.CORRUPT_BYTES:
            return replace(answer, body=flipped(answer.body, 0))
        return replace(answer, fault=fault.kind)

    @property
    def calls(self) -> list[Call]:
        """The requests so far, in the order of their answers."""
        return self._calls.all()

    def count(self, verb: str) -> int:
        """How many requests of a verb came, refused and failed ones included."""
        return sum(call.verb == verb for call in self.calls)

    @property
    def bucket_changes(self) -> list[Call]:
        """The requests that set something of a bucket itself, created or deleted one."""
        return [call for call in self.calls if call.changes_a_bucket]

    @property
    def token_uri(self) -> str:
        """Where a service account's key is changed for a token."""
        return self._routes.token_uri

    def key_file(self, path: Path, email: str) -> Path:
        """Make a key of a service account, in a file as Google gives it."""
        path.write_text(json.dumps(self._accounts.new_key(email, self.token_uri)))
        return path

    def token(self, email: str) -> dict[str, Any]:
        """A new token of a service account, as Google's platform gives one without a key."""
        return self._accounts.issue(email)

    def grant(self, bucket: str, email: str, roles: Collection[str]) -> None:
        """Have a service account hold just these roles in a bucket."""
        self.bucket(bucket).grant(f"serviceAccount:{email}", roles)

    def bucket(self, name: str) -> Bucket:
        """A bucket as it is set, with its policy."""
        return self._buckets.find(name, "storage.buckets.get")

    def objects(self, bucket: str) -> dict[str, bytes]:
        """The live objects of a bucket, in the order of their names."""
        return self.bucket(bucket).objects.contents()

    def plant(self, bucket: str, name: str, data: bytes, created_at: datetime | None = None) -> int:
        """Put an object there, whatever is there, and return its generation."""
        return self.bucket(bucket).objects.plant(name, data, created_at).generation

    def remove(self, bucket: str, name: str) -> None:
        """Take an object away; KeyError where there is none."""
        self.bucket(bucket).objects.remove(name)


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
