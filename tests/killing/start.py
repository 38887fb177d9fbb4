"""What every run begins with: a small data directory, its backups, and a disk to restore to.

The directory is backed up once, then changed in each way that a file can change; what an
unkilled second backup makes of that is what every killed one must come to.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from emulators.storage import StorageFake
from engine.archives import (
    BUCKET,
    SERVICE,
    BucketStore,
    LocalStore,
    Store,
    back_up,
    contents,
    newest,
    rows,
    write,
)
from shared.chunk import CHUNK_SIZE, compress
from shared.names import chunk_name

GREW, LONG, REWRITTEN = "BTC-USD/day.csv", "BTC-USD/long.csv", "state.json"
NEW, UNCHANGED = "new.csv", "old.csv"
RECORDED = "????-??-??.*.csv"  # what the logger itself may write meanwhile, at a full hour
BEGUN, GROWN = rows(30_000), rows(50_000)


@dataclass(frozen=True)
class News:
    """What a chunk costs that is not stored yet, in bytes."""

    raw: int
    wire: int  # as the logger sends it


@dataclass(frozen=True)
class Start:
    """The starting state of every run, and the end of one that nobody kills."""

    data: Path  # what the logger serves, less what is RECORDED
    files: Mapping[str, bytes]  # that is, by path
    first: Path  # the same when it was backed up first
    disk: Path  # the data directory that a restore finds
    before: Mapping[str, bytes]  # the objects when a backup begins, by name
    finished: Mapping[str, bytes]  # and when it is done; a restore has these
    news: Mapping[str, News]  # of the chunks that the backup brings, by name


def prepare(root: Path) -> Start:
    """Make the starting state below `root`."""
    data, first, disk = root / "data", root / "first", root / "disk"
    store = LocalStore(root / "prepared")
    write(data, GREW, BEGUN, hours_ago=5)
    write(data, REWRITTEN, b'{"rows": 300}', hours_ago=5)
    write(data, UNCHANGED, rows(900), hours_ago=5)
    back_up(data, store.provider)
    before = store.objects()
    shutil.copytree(data, first)
    write(data, GREW, GROWN, hours_ago=2)
    write(data, LONG, rows(CHUNK_SIZE + 200_000), hours_ago=3)
    write(data, REWRITTEN, b'{"rows": 500}', hours_ago=1)
    write(data, NEW, b"new\n", hours_ago=4)
    back_up(data, store.provider)
    fill_disk(data, disk)
    return Start(data, contents(data), first, disk, before, store.objects(), news_of(store, before))


def news_of(store: Store, before: Mapping[str, bytes]) -> dict[str, News]:
    """What the chunks cost that were not there before: of a file that grew, its new bytes."""
    objects, news = store.objects(), {}
    for entry in newest(store.provider).files:
        for _, length, ref in entry.spans():
            name = chunk_name(ref)
            if name in before:
                continue
            news[name] = News(length, len(objects[name]))
            if entry.path == GREW:
                rest = GROWN[len(BEGUN) :]
                news[name] = News(len(rest), len(compress(rest)))
    return news


def fill_disk(data: Path, disk: Path) -> None:
    """One file is missing, one shorter, one older, one newer, and one as the backup has it."""
    write(disk, GREW, BEGUN, hours_ago=6)
    write(disk, NEW, b"other rows, and older\n", hours_ago=9)
    write(disk, UNCHANGED, b"other rows, and newer\n", hours_ago=0)
    shutil.copy2(data / REWRITTEN, disk / REWRITTEN)


@dataclass(frozen=True)
class Kept:
    """A store of its own for one run, and how a job finds it."""

    store: Store
    settings: Mapping[str, str]


@contextmanager
def kept(provider: str, folder: Path, objects: Mapping[str, bytes]) -> Iterator[Kept]:
    """A store of this kind, local or gcs, that holds these objects."""
    settings = {"LOCAL_BACKUP_DIR": str(folder / "backups")}
    if provider == "local":
        store = LocalStore(folder / "backups" / SERVICE)
        yield Kept(_with(store, objects), settings)
        return
    with StorageFake([BUCKET]) as fake:
        settings |= {"GCS_BUCKET_NAME": BUCKET, "STORAGE_EMULATOR_HOST": fake.url}
        yield Kept(_with(BucketStore(fake), objects), settings)


def _with(store: Store, objects: Mapping[str, bytes]) -> Store:
    for name, data in objects.items():
        store.plant(name, data)
    return store
