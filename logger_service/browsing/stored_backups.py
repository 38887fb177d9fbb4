"""One backup of a provider, and the bytes of a file in it, for somebody who waits for them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import TypeVar

from browsing.chunk_source import ChunkSource
from operating.places import Place, places_of
from shared.errors import (
    BackupError,
    NothingMatches,
    ObjectMissing,
    StorageError,
    StorageUnavailable,
    TooNew,
)
from shared.format import Manifest, Version
from shared.history import read_manifest
from shared.names import digest_of
from shared.parallel import in_background
from shared.provider import Reader
from shared.settings import LoggerSettings
from watching.archive_state import ArchiveState

READ_SECONDS = 30.0  # for a manifest, and for each chunk
DIGITS = 8  # of the largest number that a backup may have

Read = TypeVar("Read")


class StoredBackups:
    """Of all configured providers, each by its kind; `archives` tells which backups there are."""

    def __init__(
        self, settings: LoggerSettings, archives: Callable[[], Sequence[ArchiveState]]
    ) -> None:
        self._service, self._archives = settings.service_name, archives
        self._stores = {place.kind: _Store(place) for place in places_of(settings)}

    def manifest(self, kind: str, number: str) -> Manifest:
        """What the backup says.

        Raises:
            NothingMatches: there is no such provider or number; 404.
            StorageError, TooNew: it cannot be read, or not in time.
        """
        store = self._store(kind)
        if not (number.isascii() and number.isdigit() and len(number) <= DIGITS and int(number)):
            raise self._unknown(kind, f"{number[:DIGITS]!r} is not the number of a backup")
        try:
            read = partial(_read_manifest, store, int(number))
            manifest = in_time(read, f"backup {number} of {store.address}")
        except ObjectMissing as error:
            message = f"there is no backup {number} in {store.address}"
            raise self._unknown(kind, message) from error
        if manifest.service != self._service:
            raise self._unknown(kind, f"backup {number} is of another service")
        return manifest

    def before(self, kind: str, number: int) -> Manifest | None:
        """The backup before that one; None where there is none, or none that can be read in time.

        What it tells is good to know, and nothing depends on it.
        """
        older = next((one for one in self._numbers(kind) if one < number), 0)
        with suppress(NothingMatches, StorageError, TooNew):
            return self.manifest(kind, str(older))
        return None

    def pieces(
        self, kind: str, manifest: Manifest, version: Version, start: int, stop: int
    ) -> Iterator[bytes]:
        """The version's bytes from `start` to before `stop`, each proven before it is given.

        Raises:
            StorageError: the next of them are nowhere, or do not come in time.
        """
        chunks = ChunkSource(self._store(kind).reader(), manifest, self._readers)
        for offset, length, ref in version.spans():
            if start < offset + length and offset < stop:
                read = partial(chunks.read, digest_of(ref), length)
                raw = in_time(read, f"chunk {digest_of(ref)}")
                yield raw[max(start - offset, 0) : stop - offset]

    def _readers(self) -> Iterator[Reader]:
        for store in self._stores.values():
            with suppress(BackupError):  # without its key, one more place that has nothing
                yield store.reader()

    def _store(self, kind: str) -> "_Store":
        if kind not in self._stores:
            known = ", ".join(f"{one} ({store.address})" for one, store in self._stores.items())
            raise NothingMatches(
                f"there is no provider {kind[:80]!r}", hint=f"Expected one of {known}", status=404
            )
        return self._stores[kind]

    def _numbers(self, kind: str) -> Sequence[int]:
        """Those that are known, newest first."""
        return next((one.numbers for one in self._archives() if one.kind == kind), ())

    def _unknown(self, kind: str, message: str) -> NothingMatches:
        numbers = self._numbers(kind)
        known = (
            f"There are those from {numbers[-1]} to {numbers[0]}"
            if numbers
            else "None is known yet"
        )
        return NothingMatches(message, hint=known, status=404)


class _Store:
    """A provider that is opened when it is first asked, and stays so: a client costs a login."""

    def __init__(self, place: Place) -> None:
        self.address, self._open = place.address, place.open
        self._reader: Reader | None = None

    def reader(self) -> Reader:
        if self._reader is None:
            self._reader = self._open()
        return self._reader


def _read_manifest(store: _Store, number: int) -> Manifest:
    return read_manifest(store.reader(), number)


def in_time(read: Callable[[], Read], what: str) -> Read:
    """What it gives; raises StorageUnavailable after READ_SECONDS, however it goes on."""
    try:
        return in_background(read).result(READ_SECONDS)
    except TimeoutError as error:  # every provider translates its own
        raise StorageUnavailable(f"{what} has not come within {READ_SECONDS:.0f} s") from error
