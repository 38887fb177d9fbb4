"""The logger, killed in its final push, and started again: on its disk, or on an empty one."""

import shutil
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine.archives import BUCKET, SERVICE, LocalStore, Store
from job_processes import running_logger
from killing.checks import backup_faults, committed, durability_faults, look, store_faults
from killing.next_start import (
    LOGGER,
    after_the_mark,
    checkout_for,
    disk_lacks,
    local_address,
    pushed_faults,
    start_again,
)
from killing.points import COUNT_ONLY, Hit, Point, Trap, one_of_each_kind
from killing.start import Start, kept
from shared.names import number_of

_WATCHED = {"local": "LOCAL_BACKUP_DIR DATA_DIR", "gcs": "GCS_BUCKET_NAME DATA_DIR"}

Stores = Mapping[str, Store]  # by address


@dataclass(frozen=True)
class KilledPush:
    """Pushes to both kinds of store at once, of which one kind's calls are counted."""

    sources: Path  # what a service has of the repository
    provider: str
    start: Start

    @property
    def name(self) -> str:
        """For a person."""
        return f"end, {self.provider}"

    def points(self, folder: Path) -> list[Point]:
        """The points of an end that nobody kills, in their order."""
        trap = self._trap(folder, COUNT_ONLY)
        with _both(folder, self.start.before) as (stores, settings):
            code = self._run(folder, {**settings, **trap.settings})
            faults = [] if code == 0 else [f"it ended with {code}"]
            for number, store in enumerate(stores.values()):
                faults += backup_faults(store.objects(), self.start, folder / str(number))
        points = trap.points(f"{SERVICE}/")
        faults += durability_faults(points)
        assert not faults, f"even without a kill: {faults}"
        return points

    def chosen(self, points: Sequence[Point]) -> Sequence[int]:
        """One of each kind, once the logger has its mark; of the function all are hit."""
        return one_of_each_kind(points, since=after_the_mark(points))

    def kill(self, number: int, folder: Path) -> Hit:
        """Kill an end before that point, look at what it left, and start again."""
        trap, disk = self._trap(folder, number), folder / "disk"
        with _both(folder, self.start.before) as (stores, settings):
            code = self._run(folder, {**settings, **trap.settings})
            point = trap.points(f"{SERVICE}/")[-1]
            faults = [] if code == -signal.SIGKILL else [f"not killed, it ended with {code}"]
            found = {address: store.objects() for address, store in stores.items()}
            for objects in found.values():
                faults += store_faults(objects)
            checkout = checkout_for(self.sources, folder, settings)
            if _decides(point):
                start_again(checkout, folder / "empty disk", ())
                faults += disk_lacks(folder / "empty disk", self._archived(found))
            start_again(checkout, disk, list(stores))
            for index, (address, store) in enumerate(stores.items()):
                faults += pushed_faults(store, found[address])
                faults += backup_faults(store.objects(), self.start, folder / str(index))
        faults += disk_lacks(disk, self.start.files)
        there = " and ".join(str(len(objects)) for objects in found.values())
        told = f"killed, {there} of {len(self.start.finished)} objects there; next start: the rest"
        return Hit(point, told, tuple(faults))

    def _trap(self, folder: Path, number: int) -> Trap:
        return Trap(folder, number, _WATCHED[self.provider])

    def _run(self, folder: Path, settings: Mapping[str, str]) -> int:
        """Have a logger write all the news, and end it; its exit code."""
        disk = Path(shutil.copytree(self.start.first, folder / "disk"))
        settings = {**LOGGER, "AUTO_RESTORE_ON_STARTUP": "false", **settings}
        with running_logger(self.sources / "logger_service", disk, **settings) as logger:
            for path, content in self.start.files.items():
                target = disk / path
                if not target.exists() or target.read_bytes() != content:
                    shutil.copy2(self.start.data / path, target)
            code = logger.end()
            logger.was_killed = code == -signal.SIGKILL
        return code

    def _archived(self, found: Mapping[str, Mapping[str, bytes]]) -> Mapping[str, bytes]:
        """What an empty disk has to get back: all, once any store has the manifest."""
        if any(committed(objects).number > 1 for objects in found.values()):
            return self.start.files
        return {path: content for path, (content, _) in look(self.start.first).items()}


def _decides(point: Point) -> bool:
    """Whether the manifest is on its way, or just there: only that makes a backup."""
    return number_of(point.place) is not None or point == Point("fsync", "backups")


@contextmanager
def _both(folder: Path, objects: Mapping[str, bytes]) -> Iterator[tuple[Stores, Mapping[str, str]]]:
    """A bucket and a local directory that hold these objects, and how a job finds them."""
    with kept("gcs", folder, objects) as bucket, kept("local", folder, objects) as local:
        assert isinstance(local.store, LocalStore)
        stores = {local_address(folder): local.store, f"gs://{BUCKET}/{SERVICE}": bucket.store}
        yield stores, bucket.settings
