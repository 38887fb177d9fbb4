"""The restore job, killed at a point and run again."""

import json
import shutil
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from job_processes import JobProcess
from killing.checks import Tree, disk_faults, durability_faults, look, out_of_place, receipt_faults
from killing.points import COUNT_ONLY, Hit, Point, Trap, every_one
from killing.start import Start, kept
from shared.receipt import Outcome, Receipt


@dataclass
class KilledRestore:
    """Restores from one kind of store to a disk on which files are missing, shorter and other."""

    job: Path  # its folder
    provider: str
    start: Start
    _end: Tree = field(default_factory=dict)  # what a run comes to that nobody kills

    @property
    def name(self) -> str:
        """For a person."""
        return f"restore, {self.provider}"

    @cached_property
    def _before(self) -> Tree:
        return look(self.start.disk)

    def points(self, folder: Path) -> list[Point]:
        """The points of a run that nobody kills, in their order; its end is the expected one."""
        trap, disk = Trap(folder, COUNT_ONLY), self._disk(folder)
        with kept(self.provider, folder, self.start.finished) as place:
            settings = {**place.settings, "DATA_DIR": str(disk)}
            receipt = self._run({**settings, **trap.settings})
        self._end = look(disk)
        faults = disk_faults(self._before, self._end, self._end)
        points = trap.points("")
        faults += self._end_faults(receipt, self._before, disk) + durability_faults(points)
        assert not faults, f"even without a kill: {faults}"
        return points

    def chosen(self, points: Sequence[Point]) -> Sequence[int]:
        """All of them."""
        return every_one(points)

    def kill(self, number: int, folder: Path) -> Hit:
        """Kill a run before that point, look at what it left, and run again."""
        trap, disk = Trap(folder, number), self._disk(folder)
        with kept(self.provider, folder, self.start.finished) as place:
            settings = {**place.settings, "DATA_DIR": str(disk)}
            receipt = self._run({**settings, **trap.settings})
            found = look(disk)
            faults = [f"not killed, it says {receipt}"] if receipt else []
            faults += disk_faults(self._before, found, self._end) + receipt_faults(disk)
            receipt = self._run(settings)
        faults += self._end_faults(receipt, found, disk)
        all_files = len(out_of_place(self._before, self._before, self._end))
        left = len(out_of_place(self._before, found, self._end))
        restored = receipt.restored_files if receipt else 0
        told = (
            f"killed, {all_files - left} of {all_files} files there; next run restored {restored}"
        )
        return Hit(trap.points("")[-1], told, tuple(faults))

    def _disk(self, folder: Path) -> Path:
        return Path(shutil.copytree(self.start.disk, folder / "disk"))

    def _end_faults(self, receipt: Receipt | None, found: Tree, disk: Path) -> list[str]:
        """What is wrong with a run that nobody killed, `found` being what it found."""
        if receipt is None:
            return ["it was killed again"]
        faults = [] if look(disk) == self._end else ["the end differs from an unkilled restore's"]
        if receipt.outcome is not Outcome.RESTORED:
            faults.append(f"the receipt says {receipt.outcome}: {receipt.problems}")
        missing = out_of_place(self._before, found, self._end)
        if receipt.restored_files != len(missing):
            faults.append(f"{receipt.restored_files} files restored, {len(missing)} were missing")
        return faults + receipt_faults(disk)

    def _run(self, settings: Mapping[str, str]) -> Receipt | None:
        """Run the job once; its receipt, or None if it was killed."""
        process = JobProcess(self.job, ["main.py", "--json"], settings)
        try:
            code = process.wait()
        finally:
            process.kill()
        if code == -signal.SIGKILL:
            return None
        assert code == 0, f"it ended with {code}: {process.output}"
        return Receipt.model_validate(json.loads(process.stdout[0]))
