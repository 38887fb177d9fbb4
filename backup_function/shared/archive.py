"""The archive as a reader sees it: one backup of each provider, joined.

Three things are never confused (rule 8): every provider answered and is empty, one did not
answer and none had a backup, and backups that are there but damaged.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from shared.chunk_store import ChunkPlaces
from shared.errors import NothingMatches, StorageError
from shared.format import FileEntry, Manifest
from shared.history import newest_first, numbers, read_parent
from shared.merge import merge, questions
from shared.proofs import Proofs
from shared.provider import Reader


@dataclass(frozen=True)
class Wanted:
    """Which backup: the newest, unless a number or a time is given."""

    number: int | None = None
    at: datetime | None = None  # the newest one made by then


@dataclass
class Archive:
    """What could be read of all providers."""

    service: str
    files: tuple[FileEntry, ...] = ()
    backups: dict[str, Manifest] = field(default_factory=dict)  # by the provider's address
    readers: dict[str, Reader] = field(default_factory=dict)  # those that have backups
    places: ChunkPlaces = field(default_factory=ChunkPlaces)
    empty: list[str] = field(default_factory=list)  # providers without any backup
    unreachable: list[str] = field(default_factory=list)  # what went wrong with each
    unreadable: list[str] = field(default_factory=list)  # backups that should be there
    warnings: list[str] = field(default_factory=list)

    _older: list[tuple[Reader, Manifest]] | None = None
    _reading_older: Lock = field(default_factory=Lock)

    def older(self, path: str) -> Iterator[tuple[Reader, FileEntry]]:
        """The file as every readable backup of every provider has it, newest first."""
        with self._reading_older:  # once, however many damaged chunks ask for it
            if self._older is None:
                self._older = [
                    pair for reader in self.readers.values() for pair in self._all(reader)
                ]
        for reader, manifest in self._older:
            yield from ((reader, entry) for entry in manifest.files if entry.path == path)

    def _all(self, reader: Reader) -> list[tuple[Reader, Manifest]]:
        try:
            made = newest_first(reader, numbers(reader), self.service, [], any_age=True)
            return [(reader, manifest) for manifest in made]
        except StorageError as error:
            self.unreachable.append(str(error))
            return []

    @property
    def is_first_boot(self) -> bool:
        """Every provider answered, and all are empty."""
        return not (self.backups or self.unreachable or self.unreadable)

    @property
    def is_unreachable(self) -> bool:
        """One did not answer, and none had a backup."""
        return bool(self.unreachable) and not (self.backups or self.unreadable)


def read_archive(readers: Iterable[Reader], service: str, wanted: Wanted | None = None) -> Archive:
    """Join the wanted backup of every provider.

    Raises:
        NothingMatches: providers have backups, all answered, and none is the one wanted.
        TooNew: a backup was written by a newer version.
    """
    archive = Archive(service)
    for reader in readers:
        try:
            _read_one(archive, reader, wanted or Wanted())
        except StorageError as error:
            archive.unreachable.append(str(error))
    if archive.readers and not (archive.backups or archive.unreadable or archive.unreachable):
        raise NothingMatches(
            f"no backup {_described(wanted or Wanted())} in {', '.join(archive.readers)}",
            hint="--list shows what there is",
        )
    return archive


def _read_one(archive: Archive, reader: Reader, wanted: Wanted) -> None:
    found = numbers(reader)
    if not found:
        archive.empty.append(reader.address)
        return
    archive.readers[reader.address] = reader
    manifest = _choose(archive, reader, found, wanted)
    if manifest:
        archive.places.add(reader, manifest.refs())
        _join(archive, manifest)
        archive.backups[reader.address] = manifest


def _choose(archive: Archive, reader: Reader, found: list[int], wanted: Wanted) -> Manifest | None:
    if wanted.number is not None:
        # Each provider has numbers of its own: the first that has this one is meant.
        is_meant = wanted.number in found and not (archive.backups or archive.unreadable)
        found = [wanted.number] if is_meant else []
        return next(newest_first(reader, found, archive.service, archive.unreadable), None)
    if wanted.at is not None:
        made = newest_first(reader, found, archive.service, archive.unreadable, any_age=True)
        at = wanted.at
        return next((one for one in made if datetime.fromisoformat(one.created_at) <= at), None)
    parent = read_parent(reader, archive.service)
    archive.unreadable.extend(parent.damaged)
    archive.warnings.extend(parent.warnings)
    return parent.manifest


def _join(archive: Archive, manifest: Manifest) -> None:
    proofs = Proofs(archive.places.read)
    proofs.settle(questions(archive.files, manifest.files))
    merged = merge(archive.files, manifest.files, proofs.proven, number=manifest.number)
    archive.files = merged.files


def _described(wanted: Wanted) -> str:
    if wanted.number is not None:
        return f"number {wanted.number}"
    return f"made by {wanted.at:%Y-%m-%dT%H:%M:%SZ}" if wanted.at else "of this service"
