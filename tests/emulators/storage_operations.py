"""What a bucket of the storage fake does in the background, as Google tells of it.

Only a bulk restore is such an operation
(https://cloud.google.com/storage/docs/json_api/v1/operations). The form of its metadata is that of
answers of Google's from September 2026 (github.com/kmoneil/zig-gcp, src/storage/restore.zig).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any
from urllib.parse import quote

from emulators.storage_conditions import ApiError
from emulators.storage_times import timestamp

_KIND = "type.googleapis.com/google.storage.control.v2.BulkRestoreObjects"


@dataclass(frozen=True)
class BucketOperation:
    """One that has ended."""

    bucket: str
    id: str
    wanted: Mapping[str, Any]
    counts: Mapping[str, int]  # what came of it
    started_at: datetime
    ended_at: datetime

    def begun(self, url: str) -> dict[str, Any]:
        """What the answer to its start tells, which at Google comes minutes before the end."""
        return self._told(url, self.started_at, {}, dict.fromkeys(self.counts, 0), done=False)

    def ended(self, url: str) -> dict[str, Any]:
        """What is told of it from then on."""
        end = {"endTime": timestamp(self.ended_at)}
        told = self._told(url, self.ended_at, end, self.counts, done=True)
        return {**told, "response": {"@type": f"{_KIND}Response"}}

    def _told(
        self,
        url: str,
        updated_at: datetime,
        end: Mapping[str, str],
        counts: Mapping[str, int],
        *,
        done: bool,
    ) -> dict[str, Any]:
        common = {
            "createTime": timestamp(self.started_at),
            **end,
            "updateTime": timestamp(updated_at),
            "type": "bulk-restore-objects",
            "requestedCancellation": False,
            "progressPercent": -1,  # Google does not tell it
        }
        metadata = {"@type": f"{_KIND}Metadata", "commonMetadata": common, **self.wanted}
        return {
            "kind": "storage#operation",
            "name": f"projects/_/buckets/{self.bucket}/operations/{self.id}",
            "selfLink": f"{url}/storage/v1/b/{quote(self.bucket, safe='')}/operations/{self.id}",
            "metadata": {**metadata, **{name: str(count) for name, count in counts.items()}},
            "done": done,
        }


class BucketOperations:
    """Those of one bucket."""

    def __init__(self) -> None:
        self._operations: dict[str, BucketOperation] = {}
        self._starts: dict[str, BucketOperation] = {}
        self._starting = Lock()

    def start(self, token: str, act: Callable[[], BucketOperation]) -> BucketOperation:
        """Do something once: gcloud sends a request again with the same token."""
        with self._starting:
            if token not in self._starts:
                operation = act()
                self._starts[token] = self._operations[operation.id] = operation
            return self._starts[token]

    def find(self, id: str) -> BucketOperation:  # noqa: A002 - Google's name
        """One of them."""
        if id not in self._operations:
            raise ApiError(404, "notFound", f"No such operation: {id}")
        return self._operations[id]

    def after(self, id: str) -> list[BucketOperation]:  # noqa: A002 - Google's name
        """The older ones of them, the newest first; all of them, if no id is given."""
        newest_first = list(reversed(self._operations.values()))
        return newest_first[newest_first.index(self.find(id)) + 1 :] if id else newest_first
