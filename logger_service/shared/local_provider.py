"""Backups in a local directory, laid out as in a bucket.

An object appears under its name by `os.link` of a temporary file that is already on disk, so
it is whole or absent whatever happens, and an existing one is never replaced.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from time import time_ns

from shared.durable_file import make_directory, sweep, sync_directory, write_durably
from shared.errors import (
    ObjectDamaged,
    ObjectExists,
    ObjectMissing,
    StorageError,
    StorageForbidden,
    StorageUnavailable,
)
from shared.provider import ObjectInfo, Provider

_INCOMING = ".incoming"  # temporary files, beside the folders that hold objects


class LocalProvider(Provider):
    """Objects as files below `directory`, which is made when the first one is stored."""

    kind = "local"

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._root = directory
        self.address = str(directory)

    def sweep(self) -> None:
        """Delete old temporary files."""
        with _translated(_INCOMING, "delete"):
            sweep(self._root / _INCOMING)

    def _put(self, name: str, data: bytes) -> ObjectInfo:
        with _translated(name, "write"):
            place = self._root / name
            incoming = self._root / _INCOMING / token_hex(8)
            make_directory(place.parent)
            make_directory(incoming.parent)
            try:
                write_durably(incoming, data)
                # The time is the generation. Left to the file system, it may stand still for
                # some milliseconds, and two objects of one name would seem to be the same.
                now = time_ns()
                os.utime(incoming, ns=(now, now))
                os.link(incoming, place)
            finally:
                incoming.unlink(missing_ok=True)
            sync_directory(place.parent)
            return self._info(place)

    def _get(self, name: str, limit: int) -> bytes:
        with _translated(name, "read"), (self._root / name).open("rb") as file:
            data = file.read(limit + 1)
        if len(data) > limit:
            raise ObjectDamaged(f"{name} is larger than the {limit} bytes it may have", name=name)
        return data

    def _stat(self, name: str) -> ObjectInfo:
        with _translated(name, "read"):
            return self._info(self._root / name)

    def _list(self, prefix: str, after: str) -> Iterator[ObjectInfo]:
        with _translated(prefix, "list"):
            for path in _files_below(self._root / prefix):
                try:
                    info = self._info(path)
                except FileNotFoundError:
                    continue  # it went between its listing and this look at it
                if info.name > after and not info.name.startswith(_INCOMING):
                    yield info

    def _delete(self, name: str, generation: int) -> None:
        place = self._root / name
        with _translated(name, "delete"), suppress(FileNotFoundError):  # gone, or going just now
            if self._info(place).generation != generation:
                raise ObjectExists(f"{name} has been replaced since it was listed", name=name)
            place.unlink()
            sync_directory(place.parent)

    def _info(self, path: Path) -> ObjectInfo:
        status = path.stat()
        name = path.relative_to(self._root).as_posix()
        created_at = datetime.fromtimestamp(status.st_mtime, UTC)
        return ObjectInfo(name, status.st_size, status.st_mtime_ns, created_at)


def _files_below(directory: Path) -> Iterator[Path]:
    try:
        entries = sorted(directory.iterdir())
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_dir():
            yield from _files_below(entry)
        else:
            yield entry


@contextmanager
def _translated(name: str, right: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise ObjectMissing(f"there is no object {name}", name=name) from error
    except FileExistsError as error:
        raise ObjectExists(f"{name} exists already", name=name) from error
    except PermissionError as error:
        raise StorageForbidden(
            f"this user may not {right} {error.filename}",
            name=name,
            hint="Check the owner of LOCAL_BACKUP_DIR",
        ) from error
    except StorageError:
        raise
    except OSError as error:
        raise StorageUnavailable(f"cannot {right} {name}: {error}", name=name) from error
