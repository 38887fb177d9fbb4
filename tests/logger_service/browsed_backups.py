"""Backups of a few files in a directory and a bucket, and a client of the routes that show them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import requests

from browsing.stored_backups import StoredBackups
from dashboard.backup_pages import backup_pages
from dashboard.backups_part import backups_part
from dashboard.dashboard_routes import assets, dashboard_routes
from dashboard.front_routes import front_routes
from dashboard.session_routes import session_routes
from engine.archives import BUCKET, SERVICE, BucketStore, LocalStore, Store, noise
from logger_service.served_routes import served
from logger_service.watched_logger import WatchedLogger
from serving.access import Access
from serving.backup_file_routes import backup_file_routes
from serving.streams import Streams
from shared.chunk import CHUNK_SIZE
from shared.history import read_manifest
from shared.names import chunk_name
from shared.settings import LoggerSettings
from watching.archive_reading import ArchiveReading
from watching.archive_state import ArchiveState

LONG = noise(2 * CHUNK_SIZE + 1000)
PATIENCE_SECONDS = 30


@dataclass
class Browsed:
    """A server of the routes, and behind it the stores, each named by its kind."""

    url: str
    stores: dict[str, Store]
    streams: Streams
    see: Callable[[list[ArchiveState]], list[ArchiveState]] = list  # what a watcher makes of them

    def page(self, path: str) -> str:
        """A page's text, as a browser asks for it, which may be an error's."""
        answer = self.get(path, Accept="text/html")
        assert answer.headers["Content-Type"].startswith("text/html")
        return answer.text

    def get(self, path: str, **headers: str) -> requests.Response:
        """An answer, whole."""
        return requests.get(self.url + path, headers=headers, timeout=PATIENCE_SECONDS)

    def file(
        self, path: str, kind: str = "local", number: int = 1, **headers: str
    ) -> requests.Response:
        """A file of a backup."""
        return self.get(address(path, kind, number), **headers)

    def chunk_of(self, path: str, index: int, kind: str) -> str:
        """The name of the object that holds a part of the file in the first backup."""
        manifest = read_manifest(self.stores[kind].another(), 1)
        entry = next(entry for entry in manifest.files if entry.path == path)
        return chunk_name(entry.chunks[index])


def address(path: str, kind: str = "local", number: int = 1) -> str:
    """Where a file of a backup is to be had."""
    return f"/backup/files/{kind}/{number}/{quote(path)}"


def states(stores: Sequence[Store]) -> list[ArchiveState]:
    """What a watcher would know by now."""
    readings = [ArchiveReading(store.another(), SERVICE) for store in stores]
    for reading in readings:
        reading.look()
        while reading.read_next():
            pass
    return [reading.state for reading in readings]


def settings_of(local: LocalStore) -> LoggerSettings:
    """A logger's that may open both stores."""
    return LoggerSettings.model_validate(
        {
            "local_backup_dir": local.directory.parent,
            "gcs_bucket_name": BUCKET,
            "host": "127.0.0.1",
        }
    )


@contextmanager
def browsing(local: LocalStore, bucket: BucketStore) -> Iterator[Browsed]:
    """The routes over both stores, as they are when somebody asks."""
    settings = settings_of(local)
    access, streams = Access(settings), Streams()
    browsed = Browsed("", {"local": local, "gcs": bucket}, streams)

    def archives() -> list[ArchiveState]:
        return browsed.see(states([bucket, local]))

    stored = StoredBackups(settings, archives)
    watched = replace(WatchedLogger(local.directory).health().watched, archives=archives)
    with served(
        front_routes(),
        session_routes(access),
        dashboard_routes([backups_part(archives)], watched, access),
        backup_pages(archives, stored, access, streams),
        backup_file_routes(stored, access, streams),
        assets(),
    ) as url:
        browsed.url = url
        yield browsed


def local_store(folder: Path) -> LocalStore:
    """Where the logger's settings lead: a folder named for the service."""
    return LocalStore(folder / SERVICE)
