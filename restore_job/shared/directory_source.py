"""A data directory as a source: which files it has, what they hold, and their bytes.

Digests are kept until a file changes, so a snapshot of an archive of any size reads only what
was written since the last one.
"""

import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from shared.capture import Captured, capture
from shared.chunk import CHUNK_SIZE, compress
from shared.errors import BackupError, SourceChanged, SourceRefused, UnsafePath
from shared.format import Snapshot, SnapshotFile
from shared.names import NOTES, locate, timestamp
from shared.plain_file import open_plain, read_exactly
from shared.selection import Selection
from shared.source import Source


@dataclass(frozen=True)
class Identity:
    """Whose data it is; part of every snapshot."""

    service: str
    instance: str
    archive: str | None = None  # where this logger's own history is kept


class DirectorySource(Source):
    """The files of `root` that `selection` takes.

    `appended` names the files that this process itself only ever appends to; by default, none.
    """

    def __init__(
        self,
        root: Path,
        selection: Selection,
        identity: Identity,
        appended: Callable[[], Collection[str]] = tuple,
    ) -> None:
        self._root, self._selection, self._identity = root, selection, identity
        self._appended = appended
        self._copies = root / NOTES / "copies"
        self._captured: dict[str, Captured] = {}
        self._before: dict[str, Captured] = {}  # of the snapshot before the newest
        self._taking = Lock()
        shutil.rmtree(self._copies, ignore_errors=True)  # left by a process that was killed

    @property
    def wire_bytes(self) -> dict[str, int]:
        """Nothing goes over a wire."""
        return {"listing": 0, "data": 0}

    def snapshot(self) -> Snapshot:
        """Look at every file; those that cannot be captured are left out with a warning.

        Raises:
            SourceRefused: the directory does not exist or cannot be listed.
        """
        with self._taking:
            warnings: list[str] = []
            appended = frozenset(self._appended())
            captured: dict[str, Captured] = {}
            for path in self._selection.files(self._root, warnings):
                try:
                    captured[path] = self._capture(path, path in appended)
                except (OSError, BackupError) as error:
                    warnings.append(f"left out: {path}: {error}")
                    continue
                if captured[path].warning:
                    warnings.append(f"{path}: {captured[path].warning}")
            self._replace(captured)
            files = tuple(_listed(path, file) for path, file in captured.items())
        return Snapshot(
            service=self._identity.service,
            instance=self._identity.instance,
            archive=self._identity.archive,
            taken_at=timestamp(datetime.now(UTC)),
            files=files,
            warnings=tuple(warnings),
        )

    def read(self, path: str, offset: int, length: int, chunk: str = "") -> bytes:
        """Bytes of a file of the newest snapshot, or of the one before, as one zstd frame."""
        captured = self._find(path, offset, chunk)
        if captured is None:
            raise SourceChanged(f"{path!r} is not in this logger's newest snapshot", name=path)
        if not 0 < length <= CHUNK_SIZE or offset < 0:
            raise SourceRefused(
                f"{length} bytes at {offset} of {path} are not to be had: "
                f"expected from 1 to {CHUNK_SIZE} bytes, at 0 or later",
                name=path,
            )
        if offset + length > captured.state.size:  # another reader's snapshot was longer
            raise SourceChanged(
                f"{path} has {captured.state.size} bytes in the newest snapshot, "
                f"{offset + length} expected",
                name=path,
            )
        try:
            place = captured.place if captured.is_copy else locate(self._root, path)
            with open_plain(place) as file:
                return compress(read_exactly(file, offset, length))
        except (OSError, UnsafePath) as error:  # gone, or a link has come in its place
            raise SourceChanged(f"{path} can no longer be read: {error}", name=path) from error

    def _capture(self, path: str, appended: bool) -> Captured:
        place = locate(self._root, path)
        return capture(place, self._copies, self._captured.get(path), appended=appended)

    def _find(self, path: str, offset: int, chunk: str) -> Captured | None:
        """The newest capture that has the chunk there, or the newest of all."""
        newest = self._captured.get(path)
        index = offset // CHUNK_SIZE
        for captured in (newest, self._before.get(path)):
            if captured and captured.digests[index : index + 1] == (chunk,):
                return captured
        return newest

    def _replace(self, captured: dict[str, Captured]) -> None:
        """Serve the new captures and those before them; copies of older ones are gone."""
        old, self._before, self._captured = self._before, self._captured, captured
        kept = {file.place for files in (self._before, captured) for file in files.values()}
        for file in old.values():
            if file.is_copy and file.place not in kept:
                file.place.unlink(missing_ok=True)


def _listed(path: str, file: Captured) -> SnapshotFile:
    return SnapshotFile(
        path=path, size=file.state.size, mtime_ns=file.state.mtime_ns, chunks=file.digests
    )
