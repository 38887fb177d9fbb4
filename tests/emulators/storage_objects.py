"""The objects in a bucket of the storage fake, held in memory.

Every change, its conditions included, is one step under a lock.
"""

import base64
import hashlib
from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from typing import Any

import google_crc32c

from emulators.storage_conditions import ApiError, Conditions
from emulators.storage_listings import Listing, Page
from emulators.storage_times import aware


@dataclass(frozen=True)
class StoredObject:
    """One generation of an object."""

    bucket: str
    name: str
    data: bytes
    generation: int
    created_at: datetime
    fields: Mapping[str, Any]  # what the uploader chose: contentType, metadata and the like
    crc32c: str
    md5: str
    metageneration: int = 1  # counts the changes of `fields`

    def with_fields(self, **more: str) -> "StoredObject":
        """The same, with more told of it."""
        return replace(self, fields={**self.fields, **more})


class Objects:
    """The live objects of a bucket; `gone` is told of each that a request deletes or replaces."""

    def __init__(
        self,
        bucket: str,
        generations: Iterator[int],
        now: Callable[[], datetime],
        gone: Callable[[StoredObject], None],
    ) -> None:
        self.bucket = bucket
        self._gone = gone
        self._generations = generations
        self._now = now
        self._lock = Lock()
        self._objects: dict[str, StoredObject] = {}
        # Sorted. Python orders text by code points, which is the order of its UTF-8 bytes.
        self._names: list[str] = []

    def check_write(self, name: str, conditions: Conditions, replacing: Callable[[], None]) -> None:
        """Refuse a write that would be refused if it came now.

        `replacing` raises where the caller may not replace an object.
        """
        with self._lock:
            self._check_write(name, conditions, replacing)

    def insert(
        self,
        name: str,
        data: bytes,
        fields: Mapping[str, Any],
        conditions: Conditions,
        replacing: Callable[[], None],
    ) -> StoredObject:
        """Store an object if the conditions hold."""
        with self._lock:
            self._check_write(name, conditions, replacing)
            if name in self._objects:
                self._gone(self._objects[name])
            return self._store(name, data, fields, self._now())

    def plant(self, name: str, data: bytes, created_at: datetime | None) -> StoredObject:
        """Store an object under no condition."""
        fields = {"contentType": "application/octet-stream"}
        with self._lock:
            return self._store(name, data, fields, created_at or self._now())

    def find(self, name: str, conditions: Conditions, *, reading: bool = True) -> StoredObject:
        """The live object, to be read, or to be copied."""
        with self._lock:
            return self._existing(name, conditions, reading=reading)

    def update(self, name: str, fields: Mapping[str, Any], conditions: Conditions) -> StoredObject:
        """Change what the uploader chose; the bytes and the generation stay."""
        with self._lock:
            live = self._existing(name, conditions, reading=False)
            changed = replace(
                live, fields={**live.fields, **fields}, metageneration=live.metageneration + 1
            )
            self._objects[name] = changed
            return changed

    def delete(self, name: str, conditions: Conditions) -> None:
        """Delete the live object if the conditions hold."""
        with self._lock:
            self._gone(self._existing(name, conditions, reading=False))
            self._forget(name)

    def remove(self, name: str) -> None:
        """Delete the live object under no condition; KeyError where there is none."""
        with self._lock:
            self._forget(name)

    def contents(self) -> dict[str, bytes]:
        """The bytes of every live object, by name and in the names' order."""
        with self._lock:
            return {name: self._objects[name].data for name in self._names}

    def page(self, listing: Listing) -> Page[StoredObject]:
        """The part of a listing that begins after `listing.after`."""
        with self._lock:
            return listing.page(self._objects[name] for name in self._names_in(listing))

    def _names_in(self, listing: Listing) -> Iterator[str]:
        earliest = max(listing.prefix, listing.start, listing.after.entry)
        for index in range(bisect_left(self._names, earliest), len(self._names)):
            if not listing.wants(self._names[index]):
                return
            yield self._names[index]

    def _check_write(
        self, name: str, conditions: Conditions, replacing: Callable[[], None]
    ) -> None:
        live = self._objects.get(name)
        conditions.check_write(live.generation if live else 0)
        if live:
            replacing()

    def _store(
        self, name: str, data: bytes, fields: Mapping[str, Any], created_at: datetime
    ) -> StoredObject:
        if name not in self._objects:
            insort(self._names, name)
        self._objects[name] = StoredObject(
            self.bucket,
            name,
            data,
            next(self._generations),
            aware(created_at),
            fields,
            crc32c_of(data),
            md5_of(data),
        )
        return self._objects[name]

    def _existing(self, name: str, conditions: Conditions, *, reading: bool) -> StoredObject:
        live = self._objects.get(name)
        if live is None or conditions.generation not in (None, live.generation):
            raise ApiError(404, "notFound", f"No such object: {self.bucket}/{name}")
        conditions.check_existing(live.generation, reading=reading)
        return live

    def _forget(self, name: str) -> None:
        del self._objects[name]
        del self._names[bisect_left(self._names, name)]


def crc32c_of(data: bytes) -> str:
    """The checksum as Google writes it: base64 of four big-endian bytes."""
    return base64.b64encode(google_crc32c.value(data).to_bytes(4, "big")).decode()


def md5_of(data: bytes) -> str:
    """The digest as Google writes it, in base64."""
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
