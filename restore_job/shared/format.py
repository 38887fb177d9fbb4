"""The two documents that travel: the snapshot that a logger serves and a backup's manifest.

`docs/format.md` is the public description.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from shared.chunk import CHUNK_SIZE, count, digest
from shared.document import Document, parse
from shared.errors import BackupError, TooNew
from shared.names import check_path, digest_of, is_ref

FORMAT = 1
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)


def _ref(text: str) -> str:
    if not is_ref(text):
        raise ValueError("a chunk is named by a SHA-256 in hexadecimal, perhaps with a suffix")
    return text


def _path(text: str) -> str:
    try:
        return check_path(text)
    except BackupError as error:
        raise ValueError(error.message) from error


def _time(text: str) -> str:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a time needs its offset from UTC, such as the Z of UTC itself")
    if not EARLIEST <= at < LATEST:  # anybody may reckon with it from there, in any zone
        raise ValueError("no clock says that: a time is from 1970 to 3000")
    return text


Ref = Annotated[str, AfterValidator(_ref)]
Path = Annotated[str, AfterValidator(_path)]
Time = Annotated[str, AfterValidator(_time)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Size = Annotated[int, Field(ge=0, le=2**53)]
Nanoseconds = Annotated[int, Field(ge=-(2**63), lt=2**63)]


class Version(Document):
    """One state of a file: so many bytes, in these chunks."""

    size: Size
    mtime_ns: Nanoseconds
    chunks: tuple[Ref, ...]

    @model_validator(mode="after")
    def _chunks_fit_size(self) -> Self:
        if len(self.chunks) != count(self.size):
            raise ValueError(
                f"{self.size} bytes have {count(self.size)} chunks, {len(self.chunks)} are named"
            )
        return self

    @property
    def digests(self) -> tuple[str, ...]:
        """The SHA-256 of each chunk, whatever name it is stored under."""
        return tuple(digest_of(ref) for ref in self.chunks)

    @property
    def identity(self) -> str:
        """A SHA-256 that two versions share only if they have the same bytes."""
        return digest("\n".join(self.digests).encode())

    def spans(self) -> Iterator[tuple[int, int, str]]:
        """Offset, length and reference of each chunk."""
        for index, ref in enumerate(self.chunks):
            offset = index * CHUNK_SIZE
            yield offset, min(CHUNK_SIZE, self.size - offset), ref


class EarlierVersion(Version):
    """A version that a rewritten file had before backup `replaced_in`."""

    replaced_in: int


class FileEntry(Version):
    """A file of the archive: its current version, and those it had before it was rewritten."""

    path: Path
    earlier: tuple[EarlierVersion, ...] = ()

    @property
    def versions(self) -> tuple[Version, ...]:
        """The current version, then the earlier ones."""
        return (self, *self.earlier)

    @property
    def all_refs(self) -> set[str]:
        """Of the chunks of all versions."""
        return {ref for version in self.versions for ref in version.chunks}

    @property
    def all_digests(self) -> set[str]:
        """Of the chunks of all versions."""
        return {digest_of(ref) for ref in self.all_refs}


class SnapshotFile(Version):
    """A file as a source shows it now."""

    path: Path
    chunks: tuple[Digest, ...]


class Snapshot(Document):
    """What a data directory holds at one moment. Served, never stored."""

    format: Literal[1] = 1
    service: str
    instance: str
    taken_at: Time
    archive: str | None = None
    catching_up: bool = False  # files that the archive has may still come to the logger
    chunk_size: Literal[4194304] = 4194304
    files: tuple[SnapshotFile, ...]
    warnings: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _paths_are_unique(self) -> Self:
        _refuse_duplicates([file.path for file in self.files])
        return self


class Writer(Document):
    """Who wrote a manifest."""

    job: Literal["function", "logger"]
    instance: str


class Taken(Document):
    """The snapshot that a backup was made from."""

    instance: str
    taken_at: Time


class Forgotten(Document):
    """A path that an operator let go of, and why."""

    path: Path
    by: str
    why: str
    at: Time


class Manifest(Document):
    """One backup: every file of the archive and the chunks that it is made of."""

    format: int = FORMAT
    min_reader: int = FORMAT
    number: Annotated[int, Field(ge=1)]
    service: str
    created_at: Time
    reason: str
    by: Writer
    snapshot: Taken
    partial: bool = False
    files: tuple[FileEntry, ...]
    forgotten: tuple[Forgotten, ...] = ()
    lost: tuple[Digest, ...] = ()
    staged: tuple[Ref, ...] = ()  # of a partial one: chunks of files that are not whole yet
    warnings: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _paths_are_unique(self) -> Self:
        _refuse_duplicates([entry.path for entry in self.files])
        return self

    @property
    def made_at(self) -> datetime:
        """When it was made; aware."""
        return datetime.fromisoformat(self.created_at)

    @property
    def forgotten_paths(self) -> set[str]:
        """What an operator let go of."""
        return {entry.path for entry in self.forgotten}

    @property
    def raw_bytes(self) -> int:
        """Bytes of all current versions."""
        return sum(entry.size for entry in self.files)

    def refs(self) -> dict[str, str]:
        """Digest to reference, of every chunk that this backup names."""
        versions = (version for entry in self.files for version in entry.versions)
        of_files = {digest_of(ref): ref for version in versions for ref in version.chunks}
        return {digest_of(ref): ref for ref in self.staged} | of_files


def _refuse_duplicates(paths: list[str]) -> None:
    duplicates = [path for path, times in Counter(paths).items() if times > 1]
    if duplicates:
        raise ValueError(f"the path {duplicates[0]!r} is named more than once")


class _Header(Document):
    """What tells whether the rest can be understood."""

    min_reader: int = FORMAT


class _SnapshotHeader(_Header):
    model_config = ConfigDict(title="snapshot")


class _ManifestHeader(_Header):
    model_config = ConfigDict(title="manifest")


def _check_reader(header: type[_Header], data: bytes, name: str) -> None:
    if (wanted := parse(header, data, name).min_reader) > FORMAT:
        raise TooNew(
            f"{name} wants a reader of format {wanted}, this one reads up to {FORMAT}",
            name=name,
            hint="Deploy the newer version of this job",
        )


def parse_snapshot(data: bytes, name: str) -> Snapshot:
    """A snapshot from its JSON.

    Raises:
        Malformed: it is not a snapshot.
        TooNew: it says that only a newer reader understands it.
    """
    _check_reader(_SnapshotHeader, data, name)
    return parse(Snapshot, data, name)


def parse_manifest(data: bytes, name: str) -> Manifest:
    """A manifest from its JSON; raises as `parse_snapshot` does."""
    _check_reader(_ManifestHeader, data, name)
    return parse(Manifest, data, name)
