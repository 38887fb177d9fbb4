"""Of a data directory, the files that changed lately: what must not wait for all the others.

A look at each file's times decides, so that nothing else is read. A clock that was set back hides
what others changed: whoever needs every file backs up the whole directory too.
"""

from shared.directory_source import DirectorySource
from shared.format import Snapshot
from shared.source import Source

GRAIN_NS = 2_000_000_000  # of the coarsest file system's times


class ChangedFiles(Source):
    """The files of `directory` that changed since `since_ns`, nanoseconds since 1970, or all.

    `shown` has the sizes of those in the newest snapshot, by path.
    """

    def __init__(self, directory: DirectorySource, since_ns: int | None = None) -> None:
        self._directory, self._since_ns = directory, since_ns
        self._shows_all = since_ns is None
        self.shown: dict[str, int] = {}

    @property
    def wire_bytes(self) -> dict[str, int]:
        """Nothing goes over a wire."""
        return self._directory.wire_bytes

    @property
    def shows_all(self) -> bool:
        """Whether the newest snapshot passed over nothing."""
        return self._shows_all

    def snapshot(self) -> Snapshot:
        """What changed; raises SourceRefused."""
        if self._since_ns is None:
            snapshot = self._directory.snapshot()
        else:
            since = self._since_ns - GRAIN_NS
            snapshot, self._shows_all = self._directory.changed_since(since)
        self.shown = {file.path: file.size for file in snapshot.files}
        return snapshot

    def read(self, path: str, offset: int, length: int, chunk: str = "") -> bytes:
        """As the directory's own."""
        return self._directory.read(path, offset, length, chunk)
