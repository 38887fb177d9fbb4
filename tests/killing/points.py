"""Where a job is killed, and what came of it.

A trap is what a job is given in its environment so that it kills itself at a point; the log
that it leaves tells which points it came to.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from killing.sitecustomize import KILL_BEFORE, KILL_LOG

INJECTED = Path(__file__).resolve().parent  # the folder that has sitecustomize.py
COUNT_ONLY = 0  # instead of a point's number


class Point(NamedTuple):
    """One durable call of a run; names that are random end in `*`."""

    call: str
    place: str  # relative to the store or the data directory


@dataclass(frozen=True)
class Hit:
    """A job was killed at a point, looked at, and run again."""

    point: Point
    told: str  # what was there, and what the next run did
    faults: tuple[str, ...]  # empty, if all is well


class Trap:
    """Kills a job before its n-th durable call."""

    def __init__(self, folder: Path, number: int) -> None:
        self._log = folder / "points"
        self.settings = {
            "PYTHONPATH": str(INJECTED),
            KILL_BEFORE: str(number),
            KILL_LOG: str(self._log),
            "TRANSFER_THREADS": "1",  # so that the points come in the same order in each run
        }

    def points(self, prefix: str) -> list[Point]:
        """The points that the job has come to; places are told without the prefix."""
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        pairs = (line.split("\t") for line in lines)
        return [Point(call, place.removeprefix(prefix)) for call, place in pairs]
