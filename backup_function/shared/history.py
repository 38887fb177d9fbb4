"""One history per provider: numbered manifests, read newest first.

Damaged manifests are passed over and told of; the newest readable one and the one before must
agree that nothing was let go (rule 4), or both are merged.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from time import monotonic

from shared.chunk_store import places_of
from shared.comparison import compare
from shared.document import LARGEST_DOCUMENT
from shared.errors import Malformed, ObjectDamaged, ObjectMissing, TooNew
from shared.format import FileEntry, Manifest, parse_manifest
from shared.names import BACKUPS, manifest_name, number_of
from shared.provider import Reader
from shared.time_limit import NO_LIMIT, TimeLimit

STALE_SECONDS = 15 * 60  # nobody commits on a read older than this (rule 3)
COMPARING = 0.4  # share of a time limit after which nothing more is compared


@dataclass(frozen=True)
class Parent:
    """What the next backup builds on."""

    newest_number: int  # 0 where there is no backup yet
    manifest: Manifest | None  # the newest readable, with what rule 4 put back into it
    stored: Manifest | None  # the same as it is stored
    damaged: tuple[str, ...]  # newer backups that could not be read
    warnings: tuple[str, ...]
    lost: frozenset[str]  # digests that it names and that no good copy is known of
    planted: tuple[str, ...]  # of all these, what a foreign hand or a bug may have brought
    read_at: float  # time.monotonic() before the first object of it was read

    @property
    def files(self) -> tuple[FileEntry, ...]:
        """Of the manifest; none where there is no backup yet."""
        return self.manifest.files if self.manifest else ()

    @property
    def forgotten_paths(self) -> set[str]:
        """Of the manifest; none where there is no backup yet."""
        return self.manifest.forgotten_paths if self.manifest else set()

    @property
    def is_stale(self) -> bool:
        """Whether it was read too long ago to commit on."""
        return monotonic() - self.read_at > STALE_SECONDS


def numbers(reader: Reader) -> list[int]:
    """The numbers of all backups in rising order; raises StorageError."""
    found = (number_of(info.name) for info in reader.list(BACKUPS))
    return [number for number in found if number is not None]


def gaps(found: list[int]) -> list[str]:
    """Numbers between those found, given in rising order, that no backup has: "3" or "3-5"."""
    pairs = ((low + 1, high - 1) for low, high in pairwise(found) if high - low > 1)
    return [f"{first}-{last}" if first < last else f"{first}" for first, last in pairs]


def read_manifest(reader: Reader, number: int) -> Manifest:
    """One backup.

    Raises:
        ObjectMissing, ObjectDamaged: it is not there, or not a manifest of this number.
        TooNew, StorageError: it cannot be read.
    """
    name = manifest_name(number)
    try:
        manifest = parse_manifest(reader.get(name, LARGEST_DOCUMENT), name)
    except Malformed as error:
        raise ObjectDamaged(f"{error.message} ({reader.address})", name=name) from error
    if manifest.number != number:
        raise ObjectDamaged(f"{name} in {reader.address} says {manifest.number}", name=name)
    return manifest


def newest_first(
    reader: Reader, found: list[int], service: str, damaged: list[str], *, any_age: bool = False
) -> Iterator[Manifest]:
    """The readable backups of `service` among `found`, newest first; others are told of.

    Raises:
        TooNew: the newest is for newer readers, and one of `any_age` would not do.
        StorageError: the provider failed.
    """
    for number in reversed(found):
        try:
            manifest = read_manifest(reader, number)
        except (ObjectDamaged, ObjectMissing, TooNew) as error:
            if isinstance(error, TooNew) and not any_age:
                raise
            damaged.append(f"backup {number} cannot be read: {error.message}")
            continue
        if manifest.service == service:
            any_age = True
            yield manifest
        else:
            damaged.append(f"backup {number} is of another service, {manifest.service!r}")


def every_backup(reader: Reader, service: str) -> list[tuple[Reader, Manifest]]:
    """All that can be read, newest first; raises StorageError."""
    made = newest_first(reader, numbers(reader), service, [], any_age=True)
    return [(reader, manifest) for manifest in made]


def read_parent(reader: Reader, service: str, limit: TimeLimit = NO_LIMIT) -> Parent:
    """The newest backup to build on; raises StorageError, TooNew.

    What cannot be compared with the backup before while there is time is taken from both.
    """
    started = monotonic()
    found = numbers(reader)
    damaged: list[str] = []
    read = newest_first(reader, found, service, damaged)
    stored = next(read, None)
    newer = tuple(damaged)
    before = next(read, None)
    warnings = damaged[len(newer) :]
    planted = [*damaged]
    lost = _still_lost(reader, stored) if stored else set()
    whole = stored
    if stored and before:
        compared = compare(reader, stored, before, lambda: limit.is_over(COMPARING))
        whole = compared.manifest
        warnings += compared.warnings
        planted += compared.planted
        lost |= compared.lost
    number = found[-1] if found else 0
    return Parent(
        number,
        whole,
        stored,
        newer,
        tuple(warnings),
        frozenset(lost),
        tuple(planted),
        started,
    )


def _still_lost(reader: Reader, newest: Manifest) -> set[str]:
    """Of the chunks that it says are lost, those that have not come back."""
    places = places_of((reader, newest))
    lost = set()
    for digest in newest.lost:
        try:
            places.read(digest)
        except ObjectMissing:
            lost.add(digest)
    return lost
