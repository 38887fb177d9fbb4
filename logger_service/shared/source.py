"""What backups are taken from: a snapshot, and the bytes that it announced.

`DirectorySource` reads a data directory, `HttpSource` a logger's snapshot endpoint; the logger
serves the one and the function reads it through the other, so both give the same frames.
"""

from abc import ABC, abstractmethod

from shared.format import Snapshot


class Source(ABC):
    """A data directory as it is now."""

    @property
    @abstractmethod
    def wire_bytes(self) -> dict[str, int]:
        """Bytes received so far, of the listings and of the data; zero for a local directory."""

    @property
    def shows_all(self) -> bool:
        """Whether its newest snapshot shows all that there is, or perhaps only a part."""
        return True

    @abstractmethod
    def snapshot(self) -> Snapshot:
        """What the directory holds now; raises SourceError."""

    @abstractmethod
    def read(self, path: str, offset: int, length: int, chunk: str = "") -> bytes:
        """Bytes of a file of the newest snapshot, at most one chunk of them, as one zstd frame.

        Given the digest of the `chunk` that they are of, they may also come from a snapshot
        before: several readers at once do not take each other's files away. The caller checks
        what the frame holds.

        Raises:
            SourceChanged: the file is no longer what the snapshot announced.
            SourceError: it cannot be read.
        """
