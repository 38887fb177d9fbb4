"""What a restore has to do, file by file: it adds, and never takes away (rule 6).

Missing files are written and shorter ones completed; a local file that has more is left alone.
Where neither continues the other, the newer stays in place and the other is put beside it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from shared.archive import Archive
from shared.chunk import CHUNK_SIZE, digest, spans
from shared.errors import BackupError, SourceChanged, UnsafePath
from shared.format import FileEntry, Version
from shared.growth import Question, question
from shared.names import beside, locate
from shared.parallel import in_threads
from shared.plain_file import FileState, digest_exactly, open_plain, read_exactly, state_of
from shared.receipt import Receipt


class Action(StrEnum):
    """What happens to one file."""

    KEEP = "keep"  # all that the backup has is here
    WRITE = "write"  # missing here
    COMPLETE = "complete"  # the backup's continues the local one
    REPLACE = "replace"  # neither continues the other, and the backup's is newer
    BESIDE = "beside"  # the same, and the local one is newer or must not be touched
    SKIP = "skip"  # it cannot be told what to do; the step's problem says why


@dataclass(frozen=True)
class LocalFile:
    """What lies where a file is to be restored."""

    place: Path
    version: Version
    state: FileState

    @property
    def whole_chunks(self) -> int:
        """How many chunks it has that do not change when it grows."""
        return self.state.size // CHUNK_SIZE

    def read(self, wanted: str) -> bytes | None:
        """The bytes of its chunk of this digest, or None if it has none or has changed."""
        if wanted not in self.version.digests:
            return None
        offset = self.version.digests.index(wanted) * CHUNK_SIZE
        try:
            with open_plain(self.place) as file:
                raw = read_exactly(file, offset, min(CHUNK_SIZE, self.state.size - offset))
        except (OSError, SourceChanged):
            return None
        return raw if digest(raw) == wanted else None


@dataclass(frozen=True)
class Step:
    """One file of the plan."""

    path: str  # in the archive
    target: str  # where it goes, relative to the directory
    version: Version
    action: Action
    local: LocalFile | None = None
    problem: str = ""


def plan(  # noqa: PLR0913  the last two have defaults that fit whoever asks for few files
    archive: Archive,
    root: Path,
    entries: Iterable[FileEntry],
    last: Receipt | None,
    *,
    live: bool,
    threads: int = 1,
) -> Iterator[Step]:
    """A step for each entry in the order given.

    `live` says that a logger is running: nothing in place is replaced, and only files that are
    as the `last` restore left them are completed. What lies here is read on so many `threads`.
    """

    def decide(entry: FileEntry) -> Step:
        return _step(archive, root, entry, last, live=live)

    return in_threads(decide, entries, threads)


def _step(
    archive: Archive, root: Path, entry: FileEntry, last: Receipt | None, *, live: bool
) -> Step:
    try:
        if _is_taken(root, entry.path):
            return _beside(archive, root, entry.path, entry, "restored")
        local = look(root, entry.path)
        action = _action(archive, entry, local)
        if live and local and not _may_touch(action, entry.path, local, last):
            action = Action.BESIDE
        if action is Action.BESIDE:
            return _beside(archive, root, entry.path, entry, "restored")
        return Step(entry.path, entry.path, entry, action, local)
    except (BackupError, OSError) as error:
        return Step(entry.path, entry.path, entry, Action.SKIP, problem=str(error))


def _may_touch(action: Action, path: str, local: LocalFile, last: Receipt | None) -> bool:
    """Whether the action leaves alone whatever a running logger may be writing to."""
    if action is Action.COMPLETE:
        return last is not None and last.left_so(path, local.state)
    return action is not Action.REPLACE


def plan_earlier(archive: Archive, root: Path, entries: list[FileEntry]) -> Iterator[Step]:
    """A step for each earlier version of the entries: it is put beside the current one."""
    for entry in entries:
        for version in entry.earlier:
            try:
                yield _beside(archive, root, entry.path, version, "earlier")
            except (BackupError, OSError) as error:
                yield Step(entry.path, entry.path, version, Action.SKIP, problem=str(error))


def _is_taken(root: Path, path: str) -> bool:
    """Whether a folder, a pipe or the like has the name; raises UnsafePath."""
    place = locate(root, path)
    return place.exists() and not place.is_file()


def look(root: Path, path: str) -> LocalFile | None:
    """The local file, or None where there is none; raises UnsafePath, OSError."""
    try:
        return read_local(locate(root, path))
    except FileNotFoundError:
        return None


def read_local(place: Path) -> LocalFile:
    """What a file holds; raises OSError, SourceChanged."""
    with open_plain(place) as file:
        state = state_of(file)
        chunks = tuple(digest_exactly(file, *span) for span in spans(state.size))
    version = Version(size=state.size, mtime_ns=state.mtime_ns, chunks=chunks)
    return LocalFile(place, version, state)


def _beside(archive: Archive, root: Path, path: str, version: Version, kind: str) -> Step:
    """A step that puts a version beside: once, and to the end if only its beginning is there."""
    target = beside(path, kind, version.identity)
    there = look(root, target)
    action = Action.BESIDE
    if there:
        same = there.version.identity == version.identity
        begun = there.version.size < version.size
        if not same and not (begun and _continues(version, there.version, archive.read)):
            raise UnsafePath(f"{target!r} is another file, and stays", name=target)
        action = Action.KEEP if same else Action.COMPLETE
    return Step(path, target, version, action, there)


def _action(archive: Archive, entry: FileEntry, local: LocalFile | None) -> Action:
    """Raises StorageError when the chunk that would tell cannot be read."""
    if local is None:
        return Action.WRITE
    if entry.size <= local.version.size:
        if _continues(local.version, entry, local.read):
            return Action.KEEP
    elif _continues(entry, local.version, archive.read):
        return Action.COMPLETE
    return Action.REPLACE if entry.mtime_ns > local.version.mtime_ns else Action.BESIDE


def _continues(longer: Version, shorter: Version, read: Callable[[str], bytes | None]) -> bool:
    answer = question(shorter, longer)
    if not isinstance(answer, Question):
        return answer
    raw = read(answer.long) or b""
    return digest(raw[: answer.length]) == answer.short
