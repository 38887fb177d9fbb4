"""What was deleted from a bucket of the storage fake, and can be had back for some days.

https://cloud.google.com/storage/docs/soft-delete: also what was replaced is kept, each
generation by itself, as long as the bucket's policy said when it went.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from emulators.storage_conditions import ApiError
from emulators.storage_objects import Listing, Page, StoredObject
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
        for each in self._current():
            if (each.item.name, each.item.generation) == (name, generation):
                return each
        raise ApiError(404, "notFound", f"No such object: {name}#{generation}")

    def page(self, listing: Listing) -> Page:
        """All that fits a listing, each generation by itself; more than a page is refused."""
        if listing.start or listing.end or listing.after:
            raise _not_known("parts of the soft-deleted objects")
        page = Page()
        fitting = [each for each in self._current() if each.item.name.startswith(listing.prefix)]
        for each in sorted(fitting, key=lambda each: (each.item.name, each.item.generation)):
            entry, is_prefix = listing.entry(each.item.name)
            if not is_prefix:
                page.add(entry, each.told())
            elif entry not in page.prefixes:
                page.add(entry, None)
        if len(page.items) + len(page.prefixes) > listing.limit:
            raise _not_known("a second page of soft-deleted objects")
        return page

    def _current(self) -> list[SoftDeleted]:
        now = self._now()
        with self._lock:
            return [each for each in self._kept if each.ends_at > now]


def _not_known(what: str) -> ApiError:
    return ApiError(501, "notImplemented", f"the storage fake does not know {what}")
