"""A copy within the storage fake that may take several requests, as Google's rewrite does.

It is one request where location and storage class stay as they are; else each moves so many
bytes, and all but the first bring the token of the first
(https://cloud.google.com/storage/docs/json_api/v1/objects/rewrite).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from threading import Lock
from typing import Any, NamedTuple, Self

from emulators.storage_buckets import Bucket
from emulators.storage_conditions import UNCONDITIONAL, ApiError, Conditions, whole_number
from emulators.storage_objects import StoredObject
from emulators.storage_uploads import UNTYPED, Description, read_fields

_UNIT = 1 << 20  # bytes; what a request says of them is a multiple of it
_STEP = 8 * _UNIT  # where it says nothing; Google does not tell how far it goes then
_GIVEN = {  # told by the object, and so sent back by whoever read it to copy it
    *("bucket", "crc32c", "etag", "generation", "id", "kind", "md5Hash", "mediaLink"),
    *("metageneration", "name", "selfLink", "size", "timeCreated", "timeStorageClassUpdated"),
    "updated",
}


class Way(NamedTuple):
    """From where to where."""

    bucket: str
    name: str
    new_bucket: str
    new_name: str


@dataclass(frozen=True)
class Wish:
    """What a request wants copied, and how."""

    way: Way
    source: Conditions = UNCONDITIONAL
    target: Conditions = UNCONDITIONAL
    step: int | None = None  # bytes
    metadata: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, way: Way, query: Mapping[str, str], metadata: Mapping[str, Any]) -> Self:
        """Read a request; what the fake does not know is refused."""
        for unknown in ("destinationKmsKeyName", "destinationPredefinedAcl"):
            if unknown in query:
                raise ApiError(501, "notImplemented", f"the storage fake does not know {unknown}")
        step = whole_number(query, "maxBytesRewrittenPerCall")
        if step is not None and (step == 0 or step % _UNIT):
            message = f"maxBytesRewrittenPerCall must be a multiple of {_UNIT}, not {step}"
            raise ApiError(400, "invalid", message)
        return cls(way, *Conditions.of_copy(query), step, metadata or None)

    def admits(self, later: Self) -> bool:
        """Whether a later request wants the same; it may leave out all but the way."""
        return all(
            getattr(later, each.name) in (each.default, getattr(self, each.name))
            for each in fields(self)
        )

    def fields_of(self, item: StoredObject) -> Mapping[str, Any]:
        """What is told of the copy: all as of the original, or all as the request tells it.

        So says Google's v2 API of `RewriteObjectRequest.destination`. The storage class is
        never the original's.
        """
        metadata = self.metadata or {}
        told = Description.of(metadata, item.name, UNTYPED, None)
        told.verify(item.data)
        if read_fields({key: value for key, value in metadata.items() if key not in _GIVEN}):
            return told.fields
        return {key: value for key, value in item.fields.items() if key != "storageClass"}


@dataclass
class Rewrite:
    """A copy under way."""

    wish: Wish
    item: StoredObject
    fields: Mapping[str, Any]
    step: int  # bytes
    started_at: datetime
    copied: int = 0  # bytes
    stored: StoredObject | None = None
    lock: Lock = field(default_factory=Lock)

    @classmethod
    def begun(cls, wish: Wish, source: Bucket, target: Bucket, now: datetime) -> Self:
        """Begin with the live object."""
        item = source.objects.find(wish.way.name, wish.source, reading=False)
        fields = wish.fields_of(item)
        stays = (source.location, _storage_class(item.fields, source)) == (
            target.location,
            _storage_class(fields, target),
        )
        step = len(item.data) if stays else wish.step or _STEP
        return cls(wish, item, fields, step, now)

    def advance(self) -> bool:
        """Copy on, and say whether all bytes are there."""
        self.copied = min(self.copied + self.step, len(self.item.data))
        return self.copied == len(self.item.data)

    def told(self) -> dict[str, Any]:
        """How far it is."""
        return {
            "kind": "storage#rewriteResponse",
            "totalBytesRewritten": str(self.copied),
            "objectSize": str(len(self.item.data)),
            "done": self.stored is not None,
        }


def _storage_class(fields: Mapping[str, Any], bucket: Bucket) -> str:
    return str(fields.get("storageClass") or bucket.settings.fields["storageClass"])
