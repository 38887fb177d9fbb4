"""The backup function, killed at a point and called again."""

import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from engine.archives import SERVICE
from job_processes import running_function
from killing.checks import backup_faults, durability_faults, sending_faults, store_faults
from killing.points import COUNT_ONLY, Hit, Point, Trap, every_one
from killing.start import Start, kept
from shared.names import number_of


@dataclass(frozen=True)
class KilledBackup:
    """Backups of a running logger into one kind of store."""

    function: Path  # its folder
    logger_url: str
    provider: str
    start: Start

    @property
    def name(self) -> str:
        """For a person."""
        return f"function, {self.provider}"

    def points(self, folder: Path) -> list[Point]:
        """The points of a run that nobody kills, in their order."""
        trap = Trap(folder, COUNT_ONLY)
        with kept(self.provider, folder, self.start.before) as place:
            report = self._run({**place.settings, **trap.settings})
            faults = self._end_faults(report, {}, place.store.objects(), folder)
        points = trap.points(f"{SERVICE}/")
        faults += durability_faults(points)
        assert not faults, f"even without a kill: {faults}"
        return points

    def chosen(self, points: Sequence[Point]) -> Sequence[int]:
        """All of them."""
        return every_one(points)

    def kill(self, number: int, folder: Path) -> Hit:
        """Kill a run before that point, look at what it left, and run again."""
        trap = Trap(folder, number)
        with kept(self.provider, folder, self.start.before) as place:
            report = self._run({**place.settings, **trap.settings})
            found = place.store.objects()
            faults = [f"not killed, it answered {report}"] if report else []
            faults += store_faults(found)
            report = self._run(place.settings)
            after = place.store.objects()
        faults += self._end_faults(report, found, after, folder)
        if report:
            faults += sending_faults(report, found, after, self.start)
        created = len(after.keys() - found.keys())
        told = f"killed, {len(found)} of {len(after)} objects there; next run created {created}"
        return Hit(trap.points(f"{SERVICE}/")[-1], told, tuple(faults))

    def _end_faults(
        self,
        report: Mapping[str, Any] | None,
        found: Mapping[str, bytes],
        after: Mapping[str, bytes],
        folder: Path,
    ) -> list[str]:
        """What is wrong with a run that nobody killed, `found` being what it found."""
        was_done = sum(number_of(name) is not None for name in found) > 1
        expected = "nothing new" if was_done else "created"
        result = report["result"] if report else "no answer"
        faults = [] if result == expected else [f"{result}, expected {expected}"]
        return faults + backup_faults(after, self.start, folder)

    def _run(self, settings: Mapping[str, str]) -> dict[str, Any] | None:
        """Call the function once; its report, or None if it was killed."""
        with running_function(self.function, self.logger_url, **settings) as function:
            try:
                answer = function.request("POST")
            except requests.ConnectionError:
                function.was_killed = function.wait() == -signal.SIGKILL
                return None
        report: dict[str, Any] = answer.json()
        assert answer.status_code == 200, f"it answered {answer.status_code}: {report}"
        return report
