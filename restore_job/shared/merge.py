"""The pure merge: an archive and what was seen join into an archive that has lost nothing.

Of each file it keeps every version that no other one extends, the newest as the current one.
That makes a join: the order in which snapshots come in changes neither what is kept nor which
version is current, and merging twice changes nothing.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from shared.chunk import CHUNK_SIZE
from shared.format import EarlierVersion, FileEntry, Version
from shared.names import is_json

MANY_EARLIER = 10  # versions of one file, above which a merge warns

Proven = Collection[tuple[str, str]]
"""Pairs of digests: the first chunk's bytes are a prefix of the second's."""


@dataclass(frozen=True)
class Question:
    """Is the chunk `short`, of `length` bytes, a prefix of the chunk `long`?

    The bytes of `long` answer it: their first `length` bytes hash to `short`, or do not.
    """

    short: str  # digest
    length: int  # bytes
    long: str  # digest


@dataclass(frozen=True)
class Merged:
    """An archive's files after a merge, and what a person should know of it."""

    files: tuple[FileEntry, ...]
    rewritten: tuple[str, ...]  # paths that gained a version beside the current one
    warnings: tuple[str, ...]


def question(shorter: Version, longer: Version) -> Question | bool:
    """Whether the longer version extends the shorter: known from digests, or one question."""
    whole, rest = divmod(shorter.size, CHUNK_SIZE)
    short, long = shorter.digests, longer.digests
    if shorter.size > longer.size or short[:whole] != long[:whole]:
        return False
    if not rest or short[whole] == long[whole]:
        return True
    if min(CHUNK_SIZE, longer.size - whole * CHUNK_SIZE) == rest:
        return False
    return Question(short[whole], rest, long[whole])


def extends(longer: Version, shorter: Version, proven: Proven) -> bool:
    """Whether the shorter version's bytes are a prefix of the longer's, as far as proven."""
    answer = question(shorter, longer)
    if isinstance(answer, Question):
        return (answer.short, answer.long) in proven
    return answer


def questions(archive: Iterable[FileEntry], seen: Iterable[FileEntry]) -> Iterator[Question]:
    """All that a merge of the two needs to have proven; each at least once."""
    known = {entry.path: entry for entry in archive}
    for entry in seen:
        if entry.path not in known:
            continue
        for one in known[entry.path].versions:
            for other in entry.versions:
                shorter, longer = sorted((one, other), key=lambda version: version.size)
                if isinstance(open_question := question(shorter, longer), Question):
                    yield open_question


def merge(
    archive: Iterable[FileEntry],
    seen: Iterable[FileEntry],
    proven: Proven,
    *,
    number: int,
    forgotten: Collection[str] = (),
) -> Merged:
    """Join what was seen into the archive; `number` is the backup that this happens in.

    `proven` answers `questions(archive, seen)`; what is not in it counts as not a prefix.
    """
    files: dict[str, FileEntry] = {entry.path: entry for entry in archive}
    rewritten, warnings = [], []
    for entry in seen:
        if entry.path in forgotten:
            continue
        before = files.get(entry.path)
        files[entry.path] = after = _join(before, entry, proven, number) if before else entry
        if before and {v.identity for v in after.earlier} - {v.identity for v in before.earlier}:
            rewritten.append(entry.path)
        if len(after.earlier) > MANY_EARLIER:
            warnings.append(f"{entry.path} has been rewritten {len(after.earlier)} times")
    return Merged(tuple(files[path] for path in sorted(files)), tuple(rewritten), tuple(warnings))


def lacking(older: Iterable[FileEntry], newer: Iterable[FileEntry], proven: Proven) -> list[str]:
    """Paths of which the older archive holds something that the newer does not (rule 4)."""
    held: Mapping[str, FileEntry] = {entry.path: entry for entry in newer}
    return [
        entry.path
        for entry in older
        if not all(_holds(held.get(entry.path), version, proven) for version in entry.versions)
    ]


def _holds(entry: FileEntry | None, version: Version, proven: Proven) -> bool:
    if entry is None:
        return False
    if any(extends(kept, version, proven) for kept in entry.versions):
        return True
    return keeps_one(entry.path) and any(kept.size >= version.size for kept in entry.earlier)


def lets_go(entry: FileEntry, version: Version) -> bool:
    """Whether a merge certainly keeps nothing of this version of a state file.

    It is older and no longer than the current one, and smaller than the earlier one that is kept.
    """
    return (
        keeps_one(entry.path)
        and _recency(version) < _recency(entry)
        and version.size <= entry.size
        and any(version.size < kept.size for kept in entry.earlier)
    )


def keeps_one(path: str) -> bool:
    """Of a state file that is rewritten all the time, one earlier version is enough."""
    return is_json(path)


def _join(before: FileEntry, after: FileEntry, proven: Proven, number: int) -> FileEntry:
    kept: list[Version] = []
    for version in (*before.versions, *after.versions):
        _add(kept, version, proven)
    current = max(kept, key=_recency)
    others = [version for version in kept if version is not current]
    if keeps_one(before.path):
        others = sorted(others, key=_largest)[-1:]
    earlier = tuple(_as_earlier(version, number) for version in sorted(others, key=_recency))
    return FileEntry.model_validate(
        {**dict(after), **dict(before), **_content(current), "earlier": earlier}
    )


def _add(kept: list[Version], version: Version, proven: Proven) -> None:
    """Add a version to those that no other one extends.

    Each keeps its own time; only the same bytes seen twice take the newer one. A time that went
    over to a longer version would make the order matter: which of two did a common beginning,
    an empty file or a header, belong to?
    """
    for index, other in enumerate(kept):
        if extends(other, version, proven):
            if other.size == version.size:
                newest = max(other.mtime_ns, version.mtime_ns)
                kept[index] = other.model_copy(update={"mtime_ns": newest})
            return
    kept[:] = [other for other in kept if not extends(version, other, proven)]
    kept.append(version)


def _recency(version: Version) -> tuple[int, int, tuple[str, ...]]:
    return version.mtime_ns, version.size, version.digests


def _largest(version: Version) -> tuple[int, int, tuple[str, ...]]:
    return version.size, version.mtime_ns, version.digests


def _content(version: Version) -> dict[str, object]:
    return {"size": version.size, "mtime_ns": version.mtime_ns, "chunks": version.chunks}


def _as_earlier(version: Version, number: int) -> EarlierVersion:
    if isinstance(version, EarlierVersion):
        return version
    return EarlierVersion.model_validate({**_content(version), "replaced_in": number})
