"""What the storage fake remembers of each request."""

from dataclasses import dataclass
from threading import Lock

_BUCKET_CHANGES = ("create_bucket", "patch_bucket", "delete_bucket", "set_policy")


@dataclass(frozen=True)
class Call:
    """A request, with the status of its answer; 0 where none was sent.

    The verbs are insert (an upload in one request), start and chunk (a resumable one), get
    (metadata), update (of metadata), media, list, delete, rewrite (a copy: bucket and name are
    those of its target); restore (of what was deleted), bulk_restore, operation, operations;
    create_bucket, bucket, patch_bucket, delete_bucket, policy, set_policy, layout, folders;
    token, and unknown.
    """

    verb: str
    bucket: str
    name: str
    status: int
    request_bytes: int  # of the body, as for response_bytes
    response_bytes: int

    @property
    def changes_a_bucket(self) -> bool:
        """Whether it changed, or set to what it was, a bucket itself, not what lies in it."""
        return self.verb in _BUCKET_CHANGES and 200 <= self.status < 300


class Calls:
    """All requests so far, in the order of their answers."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._logging = Lock()

    def record(self, call: Call) -> None:
        """Add one."""
        with self._logging:
            self._calls.append(call)

    def all(self) -> list[Call]:
        """A copy."""
        with self._logging:
            return list(self._calls)
