"""What is set of a bucket of the storage fake, as Google's bucket resource has it.

Settings that the fake does not know are refused, not ignored
(https://cloud.google.com/storage/docs/json_api/v1/buckets).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from emulators.storage_conditions import ApiError
from emulators.storage_times import timestamp

_SETTABLE = {"iamConfiguration", "labels", "lifecycle", "softDeletePolicy", "storageClass"}
_GIVEN = {  # told by the bucket, and so sent back by whoever read it to change it
    *("etag", "id", "kind", "location", "locationType", "metageneration", "name"),
    *("projectNumber", "selfLink", "timeCreated", "updated"),
}
_ACCESS = {"bucketPolicyOnly", "publicAccessPrevention", "uniformBucketLevelAccess"}
_DAY_SECONDS = 24 * 3600
_SOFT_DELETE_DAYS = (7, 90)  # the least and the most, unless it is switched off
_LOCKS_AFTER = timedelta(days=90)  # until then uniform access can be switched off
_DEFAULTS = {
    "storageClass": "STANDARD",
    "iamConfiguration": {
        "publicAccessPrevention": "inherited",
        "uniformBucketLevelAccess": {"enabled": False},
    },
    "softDeletePolicy": {"retentionDurationSeconds": str(7 * _DAY_SECONDS)},
}


@dataclass(frozen=True)
class BucketSettings:
    """The settings as they are told; `metageneration` counts the changes."""

    fields: Mapping[str, Any]
    updated_at: datetime
    metageneration: int = 1

    @classmethod
    def of_new_bucket(cls, wanted: Mapping[str, Any], now: datetime) -> Self:
        """The settings of a request for a bucket, and Google's defaults."""
        return cls(_settled(_merged(_DEFAULTS, _read(wanted)), {}, now), now)

    @property
    def is_uniform(self) -> bool:
        """Whether the bucket's policy alone says who may do what."""
        return bool(self.fields["iamConfiguration"]["uniformBucketLevelAccess"]["enabled"])

    @property
    def retention(self) -> timedelta:
        """How long what is deleted can be had back."""
        return timedelta(seconds=int(self.fields["softDeletePolicy"]["retentionDurationSeconds"]))

    def patched(self, wanted: Mapping[str, Any], now: datetime) -> Self:
        """The settings after a request to change some; null takes one away."""
        fields = _settled(_merged(self.fields, _read(wanted)), self.fields, now)
        count = self.metageneration + 1
        return replace(self, fields=fields, updated_at=now, metageneration=count)


def _read(wanted: Mapping[str, Any]) -> dict[str, Any]:
    more = set(wanted) - _SETTABLE - _GIVEN
    more |= set(wanted.get("iamConfiguration") or {}) - _ACCESS
    if more:
        raise ApiError(501, "notImplemented", f"the storage fake does not know {sorted(more)}")
    return {key: value for key, value in wanted.items() if key in _SETTABLE}


def _merged(old: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """JSON's merge patch (RFC 7396), which Google calls patch semantics."""
    merged = dict(old)
    for key, value in wanted.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            merged[key] = _merged(merged.get(key) or {}, value)
        else:
            merged[key] = value
    return merged


def _settled(fields: Mapping[str, Any], before: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The fields as Google tells them: with what it adds, and without what is empty."""
    told = dict(fields) | {
        "storageClass": str(fields["storageClass"]).upper(),
        "iamConfiguration": _access(fields["iamConfiguration"], now),
        "softDeletePolicy": _soft_delete(
            fields["softDeletePolicy"], before.get("softDeletePolicy", {}), now
        ),
    }
    if not told.get("lifecycle", {}).get("rule"):
        told.pop("lifecycle", None)
    return {key: value for key, value in told.items() if value != {}}


def _access(access: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    uniform = dict(access["uniformBucketLevelAccess"])
    if not uniform["enabled"]:
        uniform = {"enabled": False}
    elif "lockedTime" not in uniform:
        uniform["lockedTime"] = timestamp(now + _LOCKS_AFTER)
    # The second name is the older one of the same setting, and always told beside it.
    return {**access, "uniformBucketLevelAccess": uniform, "bucketPolicyOnly": uniform}


def _soft_delete(
    policy: Mapping[str, Any], before: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    seconds = int(policy["retentionDurationSeconds"])
    least, most = (days * _DAY_SECONDS for days in _SOFT_DELETE_DAYS)
    if seconds and not least <= seconds <= most:
        message = f"Soft delete retention must be 0, or between {least} and {most} seconds."
        raise ApiError(400, "invalid", message)
    if before.get("retentionDurationSeconds") == str(seconds):
        return dict(before)
    return {"retentionDurationSeconds": str(seconds), "effectiveTime": timestamp(now)}
