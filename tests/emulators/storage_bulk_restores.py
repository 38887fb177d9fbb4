"""What a bulk restore of the storage fake brings back of what was deleted, and what it leaves.

Of each object that is the newest generation that fits, and in place of a live one only where the
request allows that (https://cloud.google.com/storage/docs/json_api/v1/objects/bulkRestore).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from emulators.storage_buckets import Bucket
from emulators.storage_conditions import UNCONDITIONAL, ApiError, Conditions
from emulators.storage_globs import names_like
from emulators.storage_objects import StoredObject
from emulators.storage_soft_deletes import SoftDeleted

_KNOWN = {"allowOverwrite", "copySourceAcl", "matchGlobs"}
_TIMES = {"softDeletedAfterTime": "deleteAfterTime", "softDeletedBeforeTime": "deleteBeforeTime"}
_ABSENT = Conditions(match=0)


@dataclass(frozen=True)
class BulkRestore:
    """What a request wants back: names that fit any of the patterns, gone between the times."""

    wanted: Mapping[str, Any]
    patterns: tuple[re.Pattern[str], ...]
    after: datetime | None
    before: datetime | None

    @classmethod
    def of(cls, wanted: Mapping[str, Any]) -> Self:
        """Read a request; what the fake does not know is refused."""
        unknown = sorted(set(wanted) - _KNOWN - set(_TIMES))
        if wanted.get("copySourceAcl"):
            unknown.append("copySourceAcl")
        if unknown:
            raise ApiError(501, "notImplemented", f"the storage fake does not know {unknown}")
        patterns = tuple(names_like(glob) for glob in wanted.get("matchGlobs", ["**"]))
        return cls(wanted, patterns, *(_moment(wanted, name) for name in _TIMES))

    @property
    def told(self) -> dict[str, Any]:
        """What is told of the request, under Google's other names for the times."""
        given = {_TIMES.get(name, name): value for name, value in self.wanted.items()}
        return {"allowOverwrite": False, "copySourceAcl": False, **given}

    def fits(self, kept: SoftDeleted) -> bool:
        """Whether a generation may come back."""
        return (
            any(pattern.fullmatch(kept.item.name) for pattern in self.patterns)
            and (self.after is None or kept.deleted_at > self.after)
            and (self.before is None or kept.deleted_at < self.before)
        )

    def perform(self, bucket: Bucket, replacing: Callable[[], None]) -> dict[str, int]:
        """Bring it back, and count."""
        conditions = UNCONDITIONAL if self.wanted.get("allowOverwrite") else _ABSENT
        kept = sorted(bucket.deleted.all(), key=lambda each: each.item.generation)
        newest = {each.item.name: each.item for each in kept if self.fits(each)}
        came = sum(_comes_back(bucket, item, conditions, replacing) for item in newest.values())
        return {
            "succeededCount": came,
            "skippedCount": len(kept) - len(newest),
            "failedCount": len(newest) - came,
        }


def _comes_back(
    bucket: Bucket, item: StoredObject, conditions: Conditions, replacing: Callable[[], None]
) -> bool:
    try:
        bucket.objects.insert(item.name, item.data, item.fields, conditions, replacing)
    except ApiError:
        return False
    return True


def _moment(wanted: Mapping[str, Any], name: str) -> datetime | None:
    text = wanted.get(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ApiError(400, "invalid", f"Invalid value for {name}: {text}") from error
    if moment.tzinfo is None:
        raise ApiError(400, "invalid", f"Invalid value for {name}: {text}")
    return moment
