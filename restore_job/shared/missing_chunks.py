"""What a snapshot adds to an archive, chunk by chunk: those that the archive lacks, each once.

Of a file that may only have grown, one names the shorter chunk that the archive has in its
place: then the bytes past that one are enough, and they prove the growth.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from shared.chunk import CHUNK_SIZE
from shared.format import FileEntry, SnapshotFile, Version
from shared.growth import Question, asked, extends, oldest_first, question
from shared.merge import keeps_one, lets_go
from shared.proofs import Proofs


@dataclass(frozen=True)
class MissingChunk:
    """One chunk to fetch, and the shorter one that the parent has in its place, if any."""

    path: str
    offset: int
    length: int
    digest: str
    grown_from: Question | None

    @property
    def least_new(self) -> int:
        """How many bytes have to come, if it has only grown."""
        return self.length - (self.grown_from.length if self.grown_from else 0)


def what_adds(
    shown: Iterable[SnapshotFile],
    known: Mapping[str, FileEntry],
    proofs: Proofs,
    lost: Collection[str],
) -> list[SnapshotFile]:
    """The files shown, newest first, less those of which the archive has more or keeps none.

    Those that have a lost chunk stay, for its sake. Long ones that count only whole come last,
    the shortest first: they must not keep all others waiting. Raises StorageError.
    """
    wanted = frozenset(lost)
    shown = [
        file
        for file in shown
        if wanted.intersection(file.digests) or not _is_let_go(known.get(file.path), file)
    ]
    longer = {file.path: _longer(known.get(file.path), file) for file in shown}
    proofs.settle(one for file in shown for one in asked(file, longer[file.path]))
    files = [
        file
        for file in shown
        if wanted.intersection(file.digests)
        or not any(extends(version, file, proofs.proven) for version in longer[file.path])
    ]
    return sorted(files, key=lambda file: _urgency(file, known.get(file.path)))


def missing_chunks(
    files: Iterable[SnapshotFile], known: Mapping[str, FileEntry], there: Collection[str]
) -> Iterator[MissingChunk]:
    """The chunks of the files that are not `there`, given as digests, in the files' order."""
    planned = set(there)
    for file in files:
        entry = known.get(file.path)
        grown = _growth(entry, file) if entry else None
        for offset, length, digest in file.spans():
            if digest not in planned:
                planned.add(digest)
                at_end = grown if grown and grown.long == digest else None
                yield MissingChunk(file.path, offset, length, digest, at_end)


def beginning(
    file: SnapshotFile, entry: FileEntry | None, there: Collection[str], proofs: Proofs
) -> SnapshotFile | None:
    """The longest beginning of the file whose chunks are there, if it adds to the archive.

    It does not where it would stand for something else than a beginning: the first half of a
    document, or of a file that was rewritten.
    """
    chunks = 0
    while chunks < len(file.chunks) - 1 and file.chunks[chunks] in there:
        chunks += 1
    if not chunks or keeps_one(file.path):
        return None
    update = {"size": chunks * CHUNK_SIZE, "chunks": file.chunks[:chunks]}
    begun = file.model_copy(update=update)
    return begun if entry is None or extends(begun, entry, proofs.proven) else None


def _urgency(file: SnapshotFile, entry: FileEntry | None) -> tuple[bool, int]:
    is_rewritten = entry is not None and question(entry, file) is False
    if len(file.chunks) > 1 and (keeps_one(file.path) or is_rewritten):
        return True, file.size
    return False, -file.mtime_ns


def _is_let_go(entry: FileEntry | None, file: SnapshotFile) -> bool:
    return entry is not None and lets_go(entry, file)


def _longer(entry: FileEntry | None, file: SnapshotFile) -> list[Version]:
    """The archive's versions that may hold more than the file shown, oldest first.

    Only one where it looks grown: what continues the current version begins no other one, and
    the bytes that are fetched will tell.
    """
    if entry is None:
        return []
    longer = oldest_first(version for version in entry.versions if version.size > file.size)
    return longer if question(entry, file) is False else longer[-1:]


def _growth(entry: FileEntry, file: SnapshotFile) -> Question | None:
    """What is to be proven if the file has only grown since the parent."""
    answer = question(entry, file)
    return answer if isinstance(answer, Question) else None
