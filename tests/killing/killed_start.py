"""The start command, whose restore is killed alone, and which is then run again."""

import shutil
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from killing.checks import Tree, disk_faults, durability_faults, look, receipt_faults, store_faults
from killing.next_start import LISTENS, checkout_for, local_address, start_again
from killing.points import COUNT_ONLY, Hit, Point, Trap, one_of_each_call
from killing.start import Start, kept

RESTORE = "restore_job/main.py"
TOLD = "CRITICAL .*the restore was ended by SIGKILL"
WAYS = ("stop", "start")  # of RESTORE_ON_FAILURE, in turn


@dataclass
class KilledStart:
    """Starts with the local store on a disk on which files are missing, shorter and other."""

    sources: Path  # what a service has of the repository
    start: Start
    _end: Tree = field(default_factory=dict)  # what a start comes to that nobody kills

    @property
    def name(self) -> str:
        """For a person."""
        return "start, local"

    @cached_property
    def _before(self) -> Tree:
        return look(self.start.disk)

    def points(self, folder: Path) -> list[Point]:
        """The points of a start that nobody kills, in their order; its end is the expected one."""
        trap, disk = self._trap(folder, COUNT_ONLY), self._disk(folder)
        with kept("local", folder, self.start.finished) as place:
            settings = {**place.settings, **trap.settings}
            start_again(checkout_for(self.sources, folder, settings), disk, ())
        self._end = look(disk)
        points = trap.points("")
        faults = disk_faults(self._before, self._end, self._end) + durability_faults(points)
        assert not faults, f"even without a kill: {faults}"
        return points

    def chosen(self, points: Sequence[Point]) -> Sequence[int]:
        """One of each call; of the restore alone, all points are hit."""
        return one_of_each_call(points)

    def kill(self, number: int, folder: Path) -> Hit:
        """Kill a restore before that point, look at what the script does, and start again."""
        trap, disk, way = self._trap(folder, number), self._disk(folder), WAYS[number % 2]
        with kept("local", folder, self.start.finished) as place:
            settings = {**place.settings, "RESTORE_ON_FAILURE": way}
            faults = self._run(folder, {**settings, **trap.settings}, disk, way)
            found = look(disk)
            faults += disk_faults(self._before, found, self._end) + receipt_faults(disk)
            checkout = checkout_for(self.sources, folder, settings)
            start_again(checkout, disk, [local_address(folder)])
            faults += store_faults(place.store.objects())
        if look(disk) != self._end:
            faults.append("the end differs from that of a start that nobody killed")
        there = sum(found.get(path) == file for path, file in self._end.items())
        told = f"{way}: {there} of {len(self._end)} files there; next start: the rest"
        return Hit(trap.points("")[-1], told, tuple(faults))

    def _trap(self, folder: Path, number: int) -> Trap:
        return Trap(folder, number, program=RESTORE)

    def _disk(self, folder: Path) -> Path:
        return Path(shutil.copytree(self.start.disk, folder / "disk"))

    def _run(self, folder: Path, settings: Mapping[str, str], disk: Path, way: str) -> list[str]:
        """Run the script whose restore dies; where it did not do as RESTORE_ON_FAILURE says."""
        checkout = checkout_for(self.sources, folder, settings)
        with checkout.started(DATA_DIR=str(disk)) as process:
            process.wait_for_line(TOLD)
            if way == "start":
                process.wait_for_line(LISTENS)
                return []
            code = process.wait()
            did = f"it ended with {code}: {process.output}"
            is_refused = code == 128 + signal.SIGKILL and "listens" not in process.output
            return [] if is_refused else [did]
