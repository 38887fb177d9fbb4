"""The pure merge: an archive and what was seen join into an archive that has lost nothing.

Of each file it keeps every version that no other one extends, the newest as the current one.
That makes a join: the order in which snapshots come in changes neither what is kept nor which
version is current, and merging twice changes nothing. Of state files one earlier version is enough,
and which one that is the order may change.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from shared.format import EarlierVersion, FileEntry, Version
from shared.growth import Proven, Question, asked, extends, oldest_first, recency
from shared.kept_versions import KeptVersions, kin_of
from shared.names import is_json


@dataclass(frozen=True)
class Merged:
    """An archive's files after a merge."""

    files: tuple[FileEntry, ...]
    rewritten: tuple[str, ...]  # paths that gained a version beside the current one


def questions(
    archive: Iterable[FileEntry], seen: Iterable[FileEntry], proven: Proven = ()
) -> Iterator[Question]:
    """What a merge of the two needs to have proven; each at least once.

    No version that an archive holds is known to extend another of the same file. So one that
    both hold needs no proof, but that what was left unproven once may begin the newest. And what
    is proven to continue the archive's current version begins no other one.
    """
    known = {entry.path: entry for entry in archive}
    for entry in seen:
        if entry.path not in known:
            continue
        before = known[entry.path]
        held, shown = _digests(before), _digests(entry)
        old = oldest_first(one for one in before.versions if one.digests not in shown)
        new = oldest_first(one for one in entry.versions if one.digests not in held)
        longer = new if entry in new else oldest_first([*new, entry])
        for one in old:
            yield from asked(one, longer)
        for one in new:
            if not extends(one, before, proven):
                yield from asked(one, old)


def _digests(entry: FileEntry) -> set[tuple[str, ...]]:
    return {version.digests for version in entry.versions}


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
    rewritten = []
    kin = kin_of(proven)
    for entry in seen:
        if entry.path in forgotten:
            continue
        before = files.get(entry.path)
        files[entry.path] = after = entry
        if before:
            kept = KeptVersions(before.versions, proven, kin)
            files[entry.path] = after = _join(before, entry, kept, number)
        if before and {v.identity for v in after.earlier} - {v.identity for v in before.earlier}:
            rewritten.append(entry.path)
    return Merged(tuple(files[path] for path in sorted(files)), tuple(rewritten))


def lacking(older: Iterable[FileEntry], newer: Iterable[FileEntry], proven: Proven) -> list[str]:
    """Paths of which the older archive holds something that the newer does not (rule 4)."""
    held: Mapping[str, FileEntry] = {entry.path: entry for entry in newer}
    return [entry.path for entry in older if not _holds_all(held.get(entry.path), entry, proven)]


def doubts(
    older: Iterable[FileEntry], newer: Iterable[FileEntry], proven: Proven
) -> Iterator[Question]:
    """What is still to be asked where the newer archive seems to lack something.

    `questions` ask nothing of versions that both hold. But the older one may have held two of
    which it was proven only later that one continues the other.
    """
    held: Mapping[str, FileEntry] = {entry.path: entry for entry in newer}
    for entry in older:
        if (kept := held.get(entry.path)) is None:
            continue
        before = _digests(entry)
        both = oldest_first(one for one in kept.versions if one.digests in before)
        for version in _missed(kept, entry, proven):
            yield from asked(version, both)


def _holds_all(entry: FileEntry | None, older: FileEntry, proven: Proven) -> bool:
    return entry is not None and next(_missed(entry, older, proven), None) is None


def _missed(entry: FileEntry, older: FileEntry, proven: Proven) -> Iterator[Version]:
    same = _digests(entry)
    others = (version for version in older.versions if version.digests not in same)
    return (version for version in others if not _holds(entry, version, proven))


def _holds(entry: FileEntry, version: Version, proven: Proven) -> bool:
    if any(extends(kept, version, proven) for kept in entry.versions):
        return True
    return keeps_one(entry.path) and any(kept.size >= version.size for kept in entry.earlier)


def lets_go(entry: FileEntry, version: Version) -> bool:
    """Whether a merge certainly keeps nothing of this version of a state file.

    It is older and no longer than the current one, and smaller than the earlier one that is kept.
    """
    return (
        keeps_one(entry.path)
        and recency(version) < recency(entry)
        and version.size <= entry.size
        and any(version.size < kept.size for kept in entry.earlier)
    )


def keeps_one(path: str) -> bool:
    """Of a state file that is rewritten all the time, one earlier version is enough."""
    return is_json(path)


def _join(before: FileEntry, after: FileEntry, kept: KeptVersions, number: int) -> FileEntry:
    for version in after.versions:
        kept.add(version)
    current = max(kept.versions, key=recency)
    others = [version for version in kept.versions if version is not current]
    if keeps_one(before.path):
        others = sorted(others, key=_largest)[-1:]
    earlier = tuple(_as_earlier(version, number) for version in sorted(others, key=recency))
    return FileEntry.model_validate(
        {**dict(after), **dict(before), **_content(current), "earlier": earlier}
    )


def _largest(version: Version) -> tuple[int, int, tuple[str, ...]]:
    return version.size, version.mtime_ns, version.digests


def _content(version: Version) -> dict[str, object]:
    return {"size": version.size, "mtime_ns": version.mtime_ns, "chunks": version.chunks}


def _as_earlier(version: Version, number: int) -> EarlierVersion:
    if isinstance(version, EarlierVersion):
        return version
    return EarlierVersion.model_validate({**_content(version), "replaced_in": number})
