"""Chunks that storage has lost: stored again where the logger still has them, else remembered.

A chunk gets a new object and never a changed one, so the files that it belongs to are named
anew in the next backup.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.format import EarlierVersion, FileEntry, Version
from shared.names import digest_of


@dataclass(frozen=True)
class Repair:
    """What came of the lost chunks of one archive."""

    mended: dict[str, str]  # digest to the reference under which it was stored again
    lost: frozenset[str]  # digests that nobody has

    def apply(self, files: Iterable[FileEntry]) -> tuple[FileEntry, ...]:
        """The files as they are to be named now."""
        return tuple(self._renamed(entry) for entry in files) if self.mended else tuple(files)

    def warnings(self, files: Iterable[FileEntry]) -> list[str]:
        """What a person should know, with the files that it is about."""
        named = {entry.path: entry.all_digests for entry in files}
        again = ", ".join(path for path, has in named.items() if has & self.mended.keys())
        gone = ", ".join(path for path, has in named.items() if has & self.lost)
        told = []
        if again:
            told.append(f"chunks were lost in storage, and have been stored again, of: {again}")
        if gone:
            told.append(f"chunks are lost in storage, and the logger lacks them too, of: {gone}")
        return told

    def _renamed(self, entry: FileEntry) -> FileEntry:
        if not entry.all_digests & self.mended.keys():
            return entry
        earlier = tuple(self._with_refs(version) for version in entry.earlier)
        return entry.model_copy(update={"chunks": self._refs(entry), "earlier": earlier})

    def _with_refs(self, version: EarlierVersion) -> EarlierVersion:
        return version.model_copy(update={"chunks": self._refs(version)})

    def _refs(self, version: Version) -> tuple[str, ...]:
        return tuple(self.mended.get(digest_of(ref), ref) for ref in version.chunks)


def repair(files: Iterable[FileEntry], lost: Iterable[str], stored: dict[str, str]) -> Repair:
    """Of the `lost` chunks that the files name, which were `stored` again for this backup."""
    named = set[str]().union(*(entry.all_digests for entry in files))
    relevant = named.intersection(lost)
    mended = {digest: stored[digest] for digest in relevant if digest in stored}
    return Repair(mended, frozenset(relevant - mended.keys()))
