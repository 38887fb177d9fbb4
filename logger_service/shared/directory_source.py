"""A data directory as a source: which files it has, what they hold, and their bytes.

Digests are kept until a file changes, so a snapshot of an archive of any size reads only what
was written since the last one.
"""

import shutil
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
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

# How many take snapshots at once: the function's pull and the logger's own pushes. As many newer
# snapshots may be taken before what one showed can no longer be read.
READERS = 4


@dataclass(frozen=True)
class Identity:
    """Whose data it is; part of every snapshot."""

    service: str
    instance: str
    archive: str | None = None  # where this logger's own history is kept


class DirectorySource(Source):
    """The files of `root` that `selection` takes.

    `appended` names the files that this process itself only ever appends to; by default, none.
    `catching_up` tells whether files that the archive has may still come.
    """

    def __init__(
        self,
        root: Path,
        selection: Selection,
        identity: Identity,
        appended: Callable[[], Collection[str]] = tuple,
        catching_up: Callable[[], bool] = bool,
    ) -> None:
        self._root, self._selection, self._identity = root, selection, identity
        self._appended, self._catching_up = appended, catching_up
        self._copies = root / NOTES / "copies"
        self._captured: tuple[dict[str, Captured], ...] = ({},)  # the newest snapshot's first
        self._taking, self._replacing = Lock(), Lock()
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
            begun_at, warnings = datetime.now(UTC), list[str]()
            paths = self._selection.files(self._root, warnings)
            captured = self._capture_all(paths, frozenset(self._appended()), warnings)
            self._replace(captured)
        return self._snapshot(begun_at, captured, warnings)

    def changed_since(self, time_ns: int) -> tuple[Snapshot, bool]:
        """A snapshot of the files that changed since then, and whether those are all there are.

        What this process itself appends to counts as changed. It waits for no other one that is
        being taken: in a large directory that may take long.
        Raises SourceRefused.
        """
        begun_at, warnings = datetime.now(UTC), list[str]()
        paths = self._selection.files(self._root, warnings)
        own = frozenset(self._appended())  # whatever a clock that was set back dates them
        changed = [
            path for path in paths if path in own or _changed_since(self._root / path, time_ns)
        ]
        captured = self._capture_all(changed, own, warnings)
        self._replace(captured, keep_others=True)
        return self._snapshot(begun_at, captured, warnings), len(changed) == len(paths)

    def read(self, path: str, offset: int, length: int, chunk: str = "") -> bytes:
        """Bytes of a file of the newest snapshots, as one zstd frame."""
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

    def _capture_all(
        self, paths: Iterable[str], appended: Collection[str], warnings: list[str]
    ) -> dict[str, Captured]:
        captured: dict[str, Captured] = {}
        for path in paths:
            try:
                captured[path] = self._capture(path, path in appended)
            except (OSError, BackupError) as error:
                warnings.append(f"left out: {path}: {error}")
                continue
            if captured[path].warning:
                warnings.append(f"{path}: {captured[path].warning}")
        return captured

    def _capture(self, path: str, appended: bool) -> Captured:
        place = locate(self._root, path)
        return capture(place, self._copies, self._captured[0].get(path), appended=appended)

    def _snapshot(
        self, begun_at: datetime, captured: dict[str, Captured], warnings: list[str]
    ) -> Snapshot:
        """What is told; what was written while it was taken may be missing in it."""
        return Snapshot(
            service=self._identity.service,
            instance=self._identity.instance,
            archive=self._identity.archive,
            catching_up=self._catching_up(),
            taken_at=timestamp(begun_at),
            files=tuple(_listed(path, file) for path, file in captured.items()),
            warnings=tuple(warnings),
        )

    def _find(self, path: str, offset: int, chunk: str) -> Captured | None:
        """The newest capture that has the chunk there, or the newest of all."""
        index = offset // CHUNK_SIZE
        snapshots = self._captured
        for snapshot in snapshots:
            captured = snapshot.get(path)
            if captured and captured.digests[index : index + 1] == (chunk,):
                return captured
        return snapshots[0].get(path)

    def _replace(self, captured: dict[str, Captured], *, keep_others: bool = False) -> None:
        """Serve the new captures and those before them; copies of older ones are gone."""
        with self._replacing:
            newest = self._captured[0]
            captured = {path: _once(file, newest.get(path)) for path, file in captured.items()}
            if keep_others:
                captured = newest | captured
            # What shows the same takes nobody's place.
            is_same = _digests(captured) == _digests(newest)
            older = self._captured[1:] if is_same else self._captured
            every = (captured, *older)
            self._captured, old = every[: READERS + 1], (newest, *every[READERS + 1 :])
            kept = {file.place for files in self._captured for file in files.values()}
        for file in (file for files in old for file in files.values()):
            if file.is_copy and file.place not in kept:
                file.place.unlink(missing_ok=True)


def _once(file: Captured, before: Captured | None) -> Captured:
    """The capture, without a second copy of the same bytes."""
    if not (file.is_copy and before and before.is_copy and before.digests == file.digests):
        return file
    if file.place == before.place or not before.place.exists():
        return file
    file.place.unlink()
    return replace(file, place=before.place)


def _digests(captured: dict[str, Captured]) -> dict[str, tuple[str, ...]]:
    return {path: file.digests for path, file in captured.items()}


def _changed_since(place: Path, time_ns: int) -> bool:
    """Whether it may have; one that cannot be looked at is told when it is to be captured."""
    try:
        status = place.lstat()
    except OSError:
        return True
    return max(status.st_mtime_ns, status.st_ctime_ns) >= time_ns


def _listed(path: str, file: Captured) -> SnapshotFile:
    return SnapshotFile(
        path=path, size=file.state.size, mtime_ns=file.state.mtime_ns, chunks=file.digests
    )
