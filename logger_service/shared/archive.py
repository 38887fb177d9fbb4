"""The archive as a reader sees it: one backup of each provider, joined.

Three things are never confused (rule 8): every provider answered and is empty, one did not
answer and none had a backup, and backups that are there but damaged.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from threading import Lock

from shared.chunk_store import ChunkPlaces, places_of
from shared.errors import NothingMatches, StorageError
from shared.format import FileEntry, Manifest
from shared.history import every_backup, newest_first, numbers, read_parent
from shared.merge import merge, questions
from shared.names import timestamp
from shared.parallel import in_background
from shared.proofs import Proofs
from shared.provider import Reader
from shared.time_limit import TimeLimit

LEAST_PATIENCE = 1.0  # seconds: a limit too short for any answer must not look like none came


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

    _every: list[tuple[Reader, Manifest]] | None = None
    _elsewhere: ChunkPlaces = field(default_factory=ChunkPlaces)
    _looking: Lock = field(default_factory=Lock)

    def older(self, path: str) -> Iterator[tuple[Reader, FileEntry]]:
        """The file as every readable backup of every provider has it, newest first."""
        for reader, manifest in self._every_backup():
            yield from ((reader, entry) for entry in manifest.files if entry.path == path)

    def read(self, digest: str) -> bytes:
        """A chunk from wherever there is a good copy; raises StorageError."""
        try:
            return self.places.read(digest)
        except StorageError as error:
            with suppress(StorageError):  # the first error is the one that says what is wrong
                return self.read_elsewhere(digest, error)
            raise error from None

    def read_elsewhere(self, digest: str, why: StorageError, length: int | None = None) -> bytes:
        """A chunk that is not where the wanted backups say: by what any other calls it.

        Raises:
            StorageError: it is nowhere.
        """
        self._every_backup()
        raw = self._elsewhere.read_by_any_name(digest, length)
        self.places.had_elsewhere[digest] = str(why)
        return raw

    def _every_backup(self) -> list[tuple[Reader, Manifest]]:
        with self._looking:  # once, however many damaged chunks ask for it
            if self._every is None:
                self._every = [
                    pair for reader in self.readers.values() for pair in self._of(reader)
                ]
                self._elsewhere = places_of(*self._every)
            return self._every

    def _of(self, reader: Reader) -> list[tuple[Reader, Manifest]]:
        try:
            return every_backup(reader, self.service)
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


@dataclass
class _Answer:
    """What one provider has of what is wanted."""

    found: list[int] = field(default_factory=list)  # numbers of its backups
    manifest: Manifest | None = None
    unreadable: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    failure: str = ""  # why it gave no answer


def read_archive(
    readers: Iterable[Reader],
    service: str,
    wanted: Wanted | None = None,
    patience: float | None = None,
) -> Archive:
    """Join the wanted backup of every provider.

    All are asked at once. One that has not answered after `patience` seconds, if given, counts
    as one that does not answer.

    Raises:
        NothingMatches: providers have backups, all answered, and none is the one wanted.
        TooNew: a backup was written by a newer version.
    """
    archive, wanted = Archive(service), wanted or Wanted()
    patience = patience if patience is None else max(patience, LEAST_PATIENCE)
    limit = TimeLimit(patience)
    asked = [
        (reader, in_background(partial(_ask, reader, service, wanted, limit))) for reader in readers
    ]
    for reader, request in asked:
        try:
            answer = request.result(limit.left())
        except TimeoutError:  # every provider translates its own
            answer = _Answer(failure=f"{reader.address} did not answer within {patience:.1f} s")
        _add(archive, reader, answer, wanted, limit)
    if archive.readers and not (archive.backups or archive.unreadable or archive.unreachable):
        raise NothingMatches(
            f"no backup {_described(wanted)} in {', '.join(archive.readers)}",
            hint="--list shows what there is",
        )
    return archive


def _ask(reader: Reader, service: str, wanted: Wanted, limit: TimeLimit) -> _Answer:
    try:
        answer = _Answer(numbers(reader))
        _choose(answer, reader, service, wanted, limit)
    except StorageError as error:
        return _Answer(failure=str(error))
    return answer


def _choose(
    answer: _Answer, reader: Reader, service: str, wanted: Wanted, limit: TimeLimit
) -> None:
    if wanted == Wanted():
        parent = read_parent(reader, service, limit)
        answer.manifest = parent.manifest
        answer.unreadable += parent.damaged
        answer.warnings += parent.warnings
        return
    if wanted.number is None:
        made = newest_first(reader, answer.found, service, answer.unreadable, any_age=True)
    else:
        exact = [number for number in answer.found if number == wanted.number]
        made = newest_first(reader, exact, service, answer.unreadable)
    fits = (one for one in made if wanted.at is None or one.made_at <= wanted.at)
    answer.manifest = next(fits, None)


def _add(
    archive: Archive, reader: Reader, answer: _Answer, wanted: Wanted, limit: TimeLimit
) -> None:
    if answer.failure:
        archive.unreachable.append(answer.failure)
        return
    if not answer.found:
        archive.empty.append(reader.address)
        return
    archive.readers[reader.address] = reader
    # Each provider has numbers of its own: the first that has this one is meant.
    if wanted.number is not None and (archive.backups or archive.unreadable):
        return
    archive.unreadable += answer.unreadable
    archive.warnings += answer.warnings
    if answer.manifest:
        if answer.manifest.partial:
            number = answer.manifest.number
            archive.warnings.append(f"backup {number} is partial: the logger had more by then")
        archive.places.add(reader, answer.manifest.refs())
        _join(archive, answer.manifest, limit)
        archive.backups[reader.address] = answer.manifest


def _join(archive: Archive, manifest: Manifest, limit: TimeLimit) -> None:
    """Both, of each file; what cannot be compared in time is taken from either."""
    proofs = Proofs(archive.places.read)
    proofs.settle(questions(archive.files, manifest.files), limit.is_over)
    merged = merge(archive.files, manifest.files, proofs.proven, number=manifest.number)
    archive.files = merged.files


def _described(wanted: Wanted) -> str:
    if wanted.number is not None:
        return f"number {wanted.number}"
    return f"made by {timestamp(wanted.at)}" if wanted.at else "of this service"
