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
    change: str  # since the backup before: "new", "changed", or empty
    is_lost: bool  # it needs a chunk of which no good copy was known
    earlier: tuple[EarlierShown, ...]
    earlier_count: int


def files_of(manifest: Manifest, pattern: str) -> list[FileEntry]:
    """Those that fit, the newest first; without wildcards a part of the name is enough."""
    pattern = pattern if not pattern or _WILD & set(pattern) else f"*{pattern}*"
    fitting = (one for one in manifest.files if not pattern or matches(one.path, (pattern,)))
    return sorted(fitting, key=lambda one: (-one.mtime_ns, one.path))


def shown(
    entries: Sequence[FileEntry], backup: Manifest, before: Manifest | None
) -> list[FileShown]:
    """What a page tells of each; what has changed is left open without the backup before."""
    lost = frozenset(backup.lost)
    known = {entry.path: entry for entry in before.files} if before else {}
    return [
        FileShown(
            entry.path,
            entry.size,
            _modified(entry),
            _change(entry, known.get(entry.path)) if before else "",
            is_lost=bool(lost) and not lost.isdisjoint(entry.digests),
            earlier=_earlier(entry),
            earlier_count=len(entry.earlier),
        )
        for entry in entries
    ]


def _change(entry: FileEntry, before: FileEntry | None) -> str:
    if before is None:
        return "new"
    return "" if entry.digests == before.digests else "changed"


def _earlier(entry: FileEntry) -> tuple[EarlierShown, ...]:
    """The newest of them first."""
    places = list(enumerate(entry.earlier, start=1))[::-1]
    return tuple(
        EarlierShown(place, one.size, _modified(one), one.replaced_in)
        for place, one in places[:MOST_VERSIONS]
    )


def _modified(version: Version) -> datetime:
    return EPOCH + timedelta(microseconds=version.mtime_ns // 1000)
