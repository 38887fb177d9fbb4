"""A destination of own backups in a local directory, which a test can break and hold up."""

from pathlib import Path
from time import time_ns

from engine.archives import SERVICE, WatchedProvider
from pushing.destination import Destination, Origin
from shared.directory_source import DirectorySource, Identity
from shared.history import numbers, read_manifest
from shared.local_provider import LocalProvider
from shared.provider import Provider
from shared.selection import Selection


class OwnDestination:
    """The `destination`, its `provider`, and the data directory that it is pushed from.

    Its instance begins in so many `seconds`: only what is dated later counts as changed.
    """

    def __init__(self, folder: Path, name: str = "backups", seconds: int = 0) -> None:
        self.data = folder / "data"
        self.data.mkdir(exist_ok=True)
        self.provider = LocalProvider(folder / name)
        self.before_open = _nothing
        self.patience: float | None = None  # of the newest push's calls
        directory = DirectorySource(self.data, Selection(), Identity(SERVICE, "ab12"))
        origin = Origin(SERVICE, "ab12", directory, time_ns() + seconds * 1_000_000_000)
        self.destination = Destination(self.provider.address, self._open, origin)

    def add_rows(self) -> None:
        """Something new to back up."""
        with (self.data / "day.csv").open("a") as file:
            file.write("2026-11-22T20:30:00.214Z,replay,BTC-USD,82998.90\n")

    @property
    def reasons(self) -> list[str]:
        """Why each backup was made, the oldest first."""
        found = numbers(self.provider)
        return [read_manifest(self.provider, number).reason for number in found]

    def _open(self, patience: float | None) -> Provider:
        self.patience = patience
        self.before_open()
        return WatchedProvider(self.provider)


def _nothing() -> object:
    return None
