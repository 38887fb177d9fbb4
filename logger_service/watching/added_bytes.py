"""What a backup added to the one before it, told by the two manifests alone."""

from collections.abc import Mapping
from itertools import takewhile

from shared.format import FileEntry, Version
from shared.names import is_json

Files = Mapping[str, FileEntry]  # by path


def added_bytes(files: Files, before: Files) -> int:
    """Raw bytes: what files grew by, and of those that were rewritten what is not as it was.

    The last chunk of a file that grows is stored anew each time, and is not counted as new.
    """
    return sum(_added(entry, before.get(path)) for path, entry in files.items())


def _added(entry: FileEntry, before: FileEntry | None) -> int:
    if before is None:
        return sum(version.size for version in entry.versions)
    if entry.chunks == before.chunks and entry.earlier == before.earlier:
        return 0  # as nearly all of a year's files are
    known = {version.chunks for version in before.versions}
    others = sum(one.size for one in entry.earlier if one.chunks not in known)
    if entry.chunks in known:
        return others
    has_grown = entry.size >= before.size and not _was_rewritten(entry, before)
    return others + entry.size - (before.size if has_grown else _common(entry, before))


def _was_rewritten(entry: FileEntry, before: FileEntry) -> bool:
    """A table's version that did not grow is kept beside the new one; a JSON never grows."""
    return is_json(entry.path) or before.chunks in {one.chunks for one in entry.earlier}


def _common(version: Version, before: Version) -> int:
    """Bytes of the chunks with which both begin."""
    pairs = zip(version.spans(), before.spans(), strict=False)
    return sum(span[1] for span, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
