"""A simulated disk: it takes what the recorder writes, all of it, a part, or nothing."""

import errno
import os
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from year.plan import Kind

_PART = 7  # bytes that a nearly full disk takes of a write: always within a row


class SimulatedDisk:
    """Stands before `os.open` and `os.write` from `with` to its end.

    `state` is one of the `DISK_…` kinds, or `BROKEN_WRITE` for one write that fails in a way that
    no disk does.
    """

    def __init__(self) -> None:
        self.state = Kind.DISK_FINE
        self._open, self._write = os.open, os.write
        self._descriptors: set[int] = set()  # of price files

    def __enter__(self) -> Self:
        os.open, os.write = self.open, self.write  # type: ignore[assignment]
        return self

    def __exit__(self, *_: object) -> None:
        os.open, os.write = self._open, self._write

    def open(self, path: Any, flags: int, mode: int = 0o777, **more: Any) -> int:
        """As `os.open`."""
        is_price_file = str(path).endswith(".csv")
        if is_price_file and self.state is Kind.DISK_READ_ONLY:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        descriptor = self._open(path, flags, mode, **more)
        if is_price_file:
            self._descriptors.add(descriptor)
        return descriptor

    def write(self, descriptor: int, data: bytes) -> int:
        """As `os.write`."""
        if descriptor not in self._descriptors or self.state is Kind.DISK_FINE:
            return self._write(descriptor, data)
        if self.state is Kind.BROKEN_WRITE:
            self.state = Kind.DISK_FINE
            raise MemoryError("simulated")
        if self.state is Kind.DISK_TORN:
            return self._write(descriptor, data[:_PART])
        number = errno.EROFS if self.state is Kind.DISK_READ_ONLY else errno.ENOSPC
        raise OSError(number, os.strerror(number))

    def kill(self) -> None:
        """Close what a killed process had open."""
        for descriptor in self._descriptors:
            with suppress(OSError):
                if Path(f"/proc/self/fd/{descriptor}").readlink().suffix == ".csv":
                    os.close(descriptor)
        self._descriptors.clear()
