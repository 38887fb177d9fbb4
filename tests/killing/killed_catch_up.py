"""The running logger, killed while it brings files in, and started again on the same disk."""

import re
import shutil
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from engine.archives import BUCKET, SERVICE, LocalStore, Store, rows, write
from job_processes import running_logger
from killing.checks import Tree, durability_faults, growth_faults, look, receipt_faults
from killing.next_start import (
    LOGGER,
    after_the_mark,
    archive_lacks,
    checkout_for,
    disk_lacks,
    local_address,
    pushed_faults,
    start_again,
)
from killing.points import COUNT_ONLY, Hit, Point, Trap, one_of_each_call, one_of_each_kind
from killing.start import LONG, Start, kept
from shared.names import timestamp
from shared.receipt import Outcome, Receipt, write_receipt

OWN = "BTC-USD/own.csv"  # rows of the logger that is killed, which no backup has
BEGUN = 100_000  # bytes of the long file that are here; its first chunk alone has 4 MiB
SOON = {"CATCH_UP_SECONDS": "0.2"}


@dataclass
class KilledCatchUp:
    """Catches up with one kind of store: a file is missing, two are completed, one is other."""

    sources: Path  # what a service has of the repository
    provider: str
    start: Start

    @property
    def name(self) -> str:
        """For a person."""
        return f"catch-up, {self.provider}"

    def points(self, folder: Path) -> list[Point]:
        """The points of a catch-up that nobody kills, in their order."""
        trap, disk = Trap(folder, COUNT_ONLY, "DATA_DIR"), folder / "disk"
        with self._kept(folder) as (_, address, settings):
            self._run(folder, address, {**settings, **trap.settings}, until_done=True)
        points = trap.points("")
        faults = growth_faults(self._before, look(disk), self._files)
        faults += durability_faults(points)
        assert not faults, f"even without a kill: {faults}"
        return points

    def chosen(self, points: Sequence[Point]) -> Sequence[int]:
        """One of each kind, once the logger has its mark; they do not depend on the store."""
        choose = one_of_each_kind if self.provider == "local" else one_of_each_call
        return choose(points, since=after_the_mark(points))

    def kill(self, number: int, folder: Path) -> Hit:
        """Kill a catch-up before that point, look at what it left, and start again."""
        trap, disk = Trap(folder, number, "DATA_DIR"), folder / "disk"
        with self._kept(folder) as (store, address, settings):
            code = self._run(folder, address, {**settings, **trap.settings})
            faults = [] if code == -signal.SIGKILL else [f"not killed, it ended with {code}"]
            found = look(disk)
            faults += growth_faults(self._before, found, self._files) + receipt_faults(disk)
            checkout = checkout_for(self.sources, folder, settings)
            start_again(checkout, disk, sorted({address, local_address(folder)}))
            faults += disk_lacks(disk, self._files)
            faults += growth_faults(self._before, look(disk), self._files)
            faults += pushed_faults(store, self.start.finished)
            faults += archive_lacks(store.objects(), self._files, folder)
        whole = sum(found.get(path, (b"", 0))[0] == raw for path, raw in self._files.items())
        told = f"killed, {whole} of {len(self._files)} files there; next start: the rest"
        return Hit(trap.points("")[-1], told, tuple(faults))

    @cached_property
    def _files(self) -> Mapping[str, bytes]:
        """What has to be everywhere in the end."""
        return {**self.start.files, OWN: rows(2000, start=50)}

    @cached_property
    def _before(self) -> Tree:
        begun = {LONG: (self._files[LONG][:BEGUN], 0), OWN: (self._files[OWN], 0)}
        return {**look(self.start.first), **begun}

    @contextmanager
    def _kept(self, folder: Path) -> Iterator[tuple[Store, str, Mapping[str, str]]]:
        """A store with both backups, its address, and how a job finds it."""
        with kept(self.provider, folder, self.start.finished) as place:
            is_local = isinstance(place.store, LocalStore)
            address = local_address(folder) if is_local else f"gs://{BUCKET}/{SERVICE}"
            yield place.store, address, place.settings

    def _run(
        self,
        folder: Path,
        address: str,
        settings: Mapping[str, str],
        *,
        until_done: bool = False,
    ) -> int:
        """Have a logger catch up, on a disk that the first backup was restored to."""
        disk = self._disk(folder, address)
        job, settings = self.sources / "logger_service", {**LOGGER, **SOON, **settings}
        with running_logger(job, disk, **settings) as logger:
            if until_done:
                logger.wait_for_line(f"caught up with backup 2 of {re.escape(address)}")
                logger.kill()
            code = logger.wait()
            logger.was_killed = code == -signal.SIGKILL
        return code

    def _disk(self, folder: Path, address: str) -> Path:
        """As a start left it that brought the first backup, and a catch-up that was cut short."""
        disk = Path(shutil.copytree(self.start.first, folder / "disk"))
        write(disk, LONG, self._files[LONG][:BEGUN], hours_ago=3)
        places = {path: (disk / path).stat() for path in look(disk)}
        receipt = Receipt(
            outcome=Outcome.RESTORED,
            directory=str(disk),
            started_at=timestamp(datetime.now(UTC)),
            backups={address: 1},
            states={path: (one.st_size, one.st_mtime_ns) for path, one in places.items()},
        )
        write_receipt(disk, receipt)
        write(disk, OWN, self._files[OWN], hours_ago=0)
        return disk
