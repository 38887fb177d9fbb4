"""Data directories, sources and providers that can be watched, aged and damaged."""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import shake_256
from pathlib import Path
from time import time_ns

from emulators.storage import StorageFake
from shared.backup import Job, backup
from shared.backup_report import BackupReport
from shared.directory_source import DirectorySource, Identity
from shared.format import FileEntry, Manifest, Snapshot, Writer
from shared.gcs_provider import GcsProvider
from shared.history import numbers, read_manifest
from shared.local_provider import LocalProvider
from shared.names import chunk_name
from shared.provider import ObjectInfo, Provider, Reader
from shared.receipt import Receipt
from shared.restore import Options, restore
from shared.selection import Selection
from shared.source import Source

SERVICE = "btc-logger"
JOB = Job(SERVICE, "manual", Writer(job="function", instance="function-1"))
HOUR_NS = 3_600_000_000_000
MIB = 1024 * 1024
BUCKET = "btc"


def rows(size: int, start: int = 0) -> bytes:
    """So many bytes of price rows, the first one of second `start`."""
    row = "2026-11-22T{:02}:{:02}:{:02}.{:03}Z,coinbase,BTC-USD,{:.2f},{:.2f},1207.50668151,87,\n"
    lines, length, second = [], 0, start
    while length < size:
        price = 73_000 + second * 37 % 1_999 / 7
        clock = second // 3600 % 24, second // 60 % 60, second % 60, second * 7919 % 1000
        lines.append(row.format(*clock, price, price - 4.31).encode())
        length += len(lines[-1])
        second += 1
    return b"".join(lines)[:size]


def noise(size: int, seed: str = "noise") -> bytes:
    """So many bytes that hardly compress, the same for the same seed."""
    return shake_256(seed.encode()).digest(size)


def write(root: Path, path: str, data: bytes, hours_ago: float = 1) -> Path:
    """A file of the data directory, written some time ago."""
    place = root / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)
    touch(place, hours_ago)
    return place


def append(root: Path, path: str, data: bytes, hours_ago: float = 0) -> None:
    """More bytes at the end of a file."""
    with (root / path).open("ab") as file:
        file.write(data)
    touch(root / path, hours_ago)


def touch(place: Path, hours_ago: float) -> None:
    """Give a file a modification time."""
    at = time_ns() - int(hours_ago * HOUR_NS)
    os.utime(place, ns=(at, at))


def contents(root: Path) -> dict[str, bytes]:
    """Every file of a directory but our own notes."""
    files = (place for place in root.rglob("*") if place.is_file())
    named = {place.relative_to(root).as_posix(): place for place in files}
    return {path: named[path].read_bytes() for path in sorted(named) if path[:8] != ".backup/"}


def _do_nothing(_name: str) -> None:
    pass


class WatchedSource(Source):
    """A data directory that counts what is read of it, and lets a test step in before."""

    def __init__(self, root: Path, service: str = SERVICE, archive: str | None = None) -> None:
        identity = Identity(service, "instance-1", archive)
        self._inner = DirectorySource(root, Selection(), identity)
        self.before_read: Callable[[str], None] = _do_nothing
        self.reads: list[tuple[str, int, int]] = []
        self.snapshots = 0

    @property
    def wire_bytes(self) -> dict[str, int]:
        """Nothing goes over a wire."""
        return self._inner.wire_bytes

    def snapshot(self) -> Snapshot:
        """The directory's."""
        self.snapshots += 1
        return self._inner.snapshot()

    def read(self, path: str, offset: int, length: int, chunk: str = "") -> bytes:
        """The directory's, counted."""
        self.before_read(path)
        self.reads.append((path, offset, length))
        return self._inner.read(path, offset, length, chunk)

    @property
    def fetched(self) -> int:
        """Raw bytes asked for."""
        return sum(length for _, _, length in self.reads)


class WatchedProvider(Provider):
    """A provider that tells a test of every verb before and after it; a test may raise there."""

    def __init__(self, inner: Provider) -> None:
        super().__init__()
        self._inner = inner
        self.kind, self.address = inner.kind, inner.address
        self.before_put: Callable[[str], None] = _do_nothing
        self.after_put: Callable[[str], None] = _do_nothing
        self.before_get: Callable[[str], None] = _do_nothing
        self.before_stat: Callable[[str], None] = _do_nothing
        self.before_list: Callable[[str], None] = _do_nothing
        self.puts: list[str] = []  # in the order in which they were done

    def _put(self, name: str, data: bytes) -> ObjectInfo:
        self.before_put(name)
        info = self._inner.put(name, data)
        self.puts.append(name)
        self.after_put(name)
        return info

    def _get(self, name: str, limit: int) -> bytes:
        self.before_get(name)
        return self._inner.get(name, limit)

    def _stat(self, name: str) -> ObjectInfo:
        self.before_stat(name)
        return self._inner.stat(name)

    def _list(self, prefix: str, after: str) -> Iterator[ObjectInfo]:
        self.before_list(prefix)
        return self._inner._list(prefix, after)  # noqa: SLF001  the gate is this provider's own

    def _delete(self, name: str, generation: int) -> None:
        self._inner.delete(name, generation)


class Store(ABC):
    """A provider, and a hand that reaches behind it."""

    provider: Provider

    @abstractmethod
    def another(self) -> Provider:
        """A second client of the same place, as another process has it."""

    @abstractmethod
    def objects(self) -> dict[str, bytes]:
        """What is stored, by name."""

    @abstractmethod
    def plant(self, name: str, data: bytes, hours_ago: float = 0) -> None:
        """Put an object there, whatever is there, as if it had been created some time ago."""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Take an object away."""

    def age(self, hours: float, prefix: str = "") -> None:
        """Make objects as old as that."""
        for name, data in self.objects().items():
            if name.startswith(prefix):
                self.plant(name, data, hours)


class LocalStore(Store):
    """A local directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.provider = self.another()

    def another(self) -> Provider:
        """A provider of the same directory."""
        return LocalProvider(self.directory)

    def objects(self) -> dict[str, bytes]:
        """Every file but those on their way in."""
        found = contents(self.directory)
        return {name: data for name, data in found.items() if not name.startswith(".")}

    def plant(self, name: str, data: bytes, hours_ago: float = 0) -> None:
        """Write the file, and give it an age."""
        write(self.directory, name, data, hours_ago)

    def remove(self, name: str) -> None:
        """Unlink the file."""
        (self.directory / name).unlink()


class BucketStore(Store):
    """A bucket of the storage fake; STORAGE_EMULATOR_HOST must lead to it."""

    def __init__(self, fake: StorageFake) -> None:
        self.fake = fake
        self.provider = self.another()

    def another(self) -> Provider:
        """A provider with a client of its own."""
        return GcsProvider(BUCKET, SERVICE)

    def objects(self) -> dict[str, bytes]:
        """The bucket's live objects."""
        found = self.fake.objects(BUCKET)
        return {name.removeprefix(f"{SERVICE}/"): data for name, data in found.items()}

    def plant(self, name: str, data: bytes, hours_ago: float = 0) -> None:
        """Put it into the fake's memory."""
        created_at = datetime.now(UTC) - timedelta(hours=hours_ago)
        self.fake.plant(BUCKET, f"{SERVICE}/{name}", data, created_at)

    def remove(self, name: str) -> None:
        """Take it out of the fake's memory."""
        self.fake.remove(BUCKET, f"{SERVICE}/{name}")


def back_up(root: Path, provider: Provider) -> BackupReport:
    """One backup of a data directory by a new process."""
    return backup(WatchedSource(root), provider, JOB)


def newest(reader: Reader) -> Manifest:
    """The newest backup as it is stored."""
    return read_manifest(reader, numbers(reader)[-1])


def entry(manifest: Manifest, path: str) -> FileEntry:
    """One file of a backup."""
    return {file.path: file for file in manifest.files}[path]


def first_chunk(manifest: Manifest, path: str, index: int = 0) -> str:
    """The name of the object that holds a chunk of a file, by default its first."""
    return chunk_name(entry(manifest, path).chunks[index])


def bring_back(root: Path, *readers: Reader, options: Options | None = None) -> Receipt:
    """One restore into a directory."""
    return restore(readers, SERVICE, root, options or Options())
