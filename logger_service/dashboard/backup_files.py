"""The files of one backup, as its page lists them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shared.format import FileEntry, Manifest, Version
from shared.selection import matches

MOST_VERSIONS = 20  # earlier ones that are listed of a file, the newest of them
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WILD = frozenset("*?[")


@dataclass(frozen=True)
class EarlierShown:
    """A version before a rewrite; `place` is the one that its download takes."""

    place: int
    size: int
    modified: datetime
    replaced_in: int


@dataclass(frozen=True)
class FileShown:
    """A file, and some of its earlier versions."""

    path: str
    size: int
    modified: datetime
    is_lost: bool  # it needs a chunk of which no good copy was known
    earlier: tuple[EarlierShown, ...]
    earlier_count: int


def files_of(manifest: Manifest, pattern: str) -> list[FileEntry]:
    """Those that fit, the newest first; without wildcards a part of the name is enough."""
    pattern = pattern if not pattern or _WILD & set(pattern) else f"*{pattern}*"
    fitting = (one for one in manifest.files if not pattern or matches(one.path, (pattern,)))
    return sorted(fitting, key=lambda one: (-one.mtime_ns, one.path))


def shown(entries: Sequence[FileEntry], lost: Sequence[str]) -> list[FileShown]:
    """What a page tells of each; `lost` has digests."""
    gone = frozenset(lost)
    return [_shown(entry, gone) for entry in entries]


def _shown(entry: FileEntry, lost: frozenset[str]) -> FileShown:
    places = list(enumerate(entry.earlier, start=1))[::-1]
    earlier = tuple(
        EarlierShown(place, one.size, _modified(one), one.replaced_in)
        for place, one in places[:MOST_VERSIONS]
    )
    is_lost = bool(lost) and not lost.isdisjoint(entry.digests)
    return FileShown(entry.path, entry.size, _modified(entry), is_lost, earlier, len(entry.earlier))


def _modified(version: Version) -> datetime:
    return EPOCH + timedelta(microseconds=version.mtime_ns // 1000)
