"""What was deleted from a bucket of the storage fake, and can be had back for some days.

https://cloud.google.com/storage/docs/soft-delete: also what was replaced is kept, each
generation by itself, as long as the bucket's policy said when it went.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from emulators.storage_conditions import ApiError
from emulators.storage_listings import Listing, Page
from emulators.storage_objects import StoredObject
from emulators.storage_times import timestamp


@dataclass(frozen=True)
class SoftDeleted:
    """An object, and when it goes for good."""

    item: StoredObject
    deleted_at: datetime
    ends_at: datetime

    def told(self) -> StoredObject:
        """The object as the API tells of it: with both times."""
        return self.item.with_fields(
            softDeleteTime=timestamp(self.deleted_at), hardDeleteTime=timestamp(self.ends_at)
        )


class SoftDeletes:
    """What is kept of a bucket; `retention` is how long that is, as set at this moment."""

    def __init__(self, now: Callable[[], datetime], retention: Callable[[], timedelta]) -> None:
        self._now, self._retention = now, retention
        self._lock = Lock()
        self._kept: list[SoftDeleted] = []

    def keep(self, item: StoredObject) -> None:
        """Keep what goes now, unless the bucket keeps nothing."""
        now, retention = self._now(), self._retention()
        with self._lock:
            self._kept = [each for each in self._kept if each.ends_at > now]
            if retention:
                self._kept.append(SoftDeleted(item, now, now + retention))

    def find(self, name: str, generation: int | None) -> SoftDeleted:
        """One generation of an object; a 404 where it is not kept."""
        for each in self.all():
            if (each.item.name, each.item.generation) == (name, generation):
                return each
        raise ApiError(404, "notFound", f"No such object: {name}#{generation}")

    def page(self, listing: Listing) -> Page[StoredObject]:
        """The part of a listing that begins after `listing.after`: each generation by itself."""
        kept = [each for each in self.all() if listing.wants(each.item.name)]
        kept.sort(key=lambda each: (each.item.name, each.item.generation))
        return listing.page((each.told() for each in kept), lambda item: item.generation)

    def all(self) -> list[SoftDeleted]:
        """What is kept at this moment."""
        now = self._now()
        with self._lock:
            return [each for each in self._kept if each.ends_at > now]
