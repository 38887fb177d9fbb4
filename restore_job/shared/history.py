"""One history per provider: numbered manifests, read newest first.

Damaged manifests are passed over and told of; the newest readable one and the one before must
agree that nothing was let go (rule 4), or both are merged.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from time import monotonic

from shared.chunk_store import places_of
from shared.document import LARGEST_DOCUMENT
from shared.errors import Malformed, ObjectDamaged, ObjectMissing, TooNew
from shared.format import FileEntry, Manifest, parse_manifest
from shared.merge import lacking, merge, questions
from shared.names import BACKUPS, manifest_name, number_of
from shared.proofs import Proofs
from shared.provider import Reader

STALE_SECONDS = 15 * 60  # nobody commits on a read older than this (rule 3)


@dataclass(frozen=True)
class Parent:
    """What the next backup builds on."""

    newest_number: int  # 0 where there is no backup yet
    manifest: Manifest | None  # the newest readable, with what rule 4 put back into it
    stored: Manifest | None  # the same as it is stored
    damaged: tuple[str, ...]  # newer backups that could not be read
    warnings: tuple[str, ...]
    lost: frozenset[str]  # digests that it names and that no good copy is known of
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


def read_parent(reader: Reader, service: str) -> Parent:
    """The newest backup to build on; raises StorageError, TooNew."""
    started = monotonic()
    found = numbers(reader)
    damaged: list[str] = []
    read = newest_first(reader, found, service, damaged)
    stored = next(read, None)
    newer = tuple(damaged)
    before = next(read, None)
    warnings = damaged[len(newer) :]
    lost = _still_lost(reader, stored) if stored else set()
    whole = _whole(reader, stored, before, warnings, lost) if stored and before else stored
    number = found[-1] if found else 0
    return Parent(number, whole, stored, newer, tuple(warnings), frozenset(lost), started)


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


def _whole(
    reader: Reader, newest: Manifest, before: Manifest, warnings: list[str], lost: set[str]
) -> Manifest:
    """The newest, with all that the one before held put back should anything be gone."""
    places = places_of((reader, newest), (reader, before))
    proofs = Proofs(places.read)
    proofs.settle(questions(before.files, newest.files))
    forgotten = newest.forgotten_paths
    if new := sorted(forgotten - before.forgotten_paths):
        names = ", ".join(new)
        warnings.append(f"backup {newest.number} says that an operator let go of {names}")
    held = [entry for entry in before.files if entry.path not in forgotten]
    lost |= proofs.lost & newest.refs().keys()
    gone = lacking(held, newest.files, proofs.proven)
    if not gone:
        return newest
    open_ones = {entry.path for entry in newest.files if proofs.lost & entry.all_digests}
    if lacks := ", ".join(path for path in gone if path not in open_ones):
        warnings.append(f"backup {newest.number} lacks what {before.number} held of: {lacks}")
    if unproven := ", ".join(path for path in gone if path in open_ones):
        has = f"backup {newest.number} has what {before.number} held"
        warnings.append(f"a chunk is lost, so nothing proves that {has} of: {unproven}")
    back = [entry for entry in held if entry.path in gone]
    merged = merge(back, newest.files, proofs.proven, number=newest.number)
    return newest.model_copy(update={"files": merged.files})
