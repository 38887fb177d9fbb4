"""Where a job is killed, and what came of it.

A trap is what a job is given in its environment so that it kills itself at a point; the log
that it leaves tells which points it came to.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from killing.sitecustomize import KILL_BEFORE, KILL_LOG, KILL_PROGRAM, KILL_WATCHED, WATCHED

INJECTED = Path(__file__).resolve().parent  # the folder that has sitecustomize.py
COUNT_ONLY = 0  # instead of a point's number
_HEXADECIMAL = re.compile(r"[0-9a-f]{64}|(?<=chunks/)[0-9a-f]{2}")


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


class Killed(Protocol):
    """A job that can be killed at each of its points, each time in a folder of its own."""

    @property
    def name(self) -> str:
        """For a person."""

    def points(self, folder: Path) -> list[Point]:
        """The points of a run that nobody kills, in their order."""

    def chosen(self, points: Sequence[Point]) -> Sequence[int]:
        """The numbers of those to kill it at; the first point has number 1."""

    def kill(self, number: int, folder: Path) -> Hit:
        """Kill a run before that point, look at what it left, and run again."""


def every_one(points: Sequence[Point]) -> Sequence[int]:
    """The numbers of all points."""
    return range(1, len(points) + 1)


def one_of_each_kind(points: Sequence[Point], since: int = 1) -> Sequence[int]:
    """Numbers of points: one for the same call on such a place, whatever a chunk's name is.

    Only points from number `since` on count.
    """
    return _one_of_each(points, since, lambda point: _HEXADECIMAL.sub("…", "\t".join(point)))


def one_of_each_call(points: Sequence[Point], since: int = 1) -> Sequence[int]:
    """The same, wherever the call is; where the points themselves are hit elsewhere."""
    return _one_of_each(points, since, lambda point: point.call)


def _one_of_each(
    points: Sequence[Point], since: int, kind: Callable[[Point], str]
) -> Sequence[int]:
    """In turn the first and the last of a kind: chunks come first, and manifests last."""
    kinds: dict[str, list[int]] = {}
    for number, point in enumerate(points, start=1):
        if number >= since:
            kinds.setdefault(kind(point), []).append(number)
    return sorted(numbers[-(turn % 2)] for turn, numbers in enumerate(kinds.values()))


class Trap:
    """Kills a job before its n-th durable call on what the settings `watched` name.

    With a `program`, that one alone, whatever else its starter runs.
    """

    def __init__(
        self, folder: Path, number: int, watched: str = WATCHED, program: str = ""
    ) -> None:
        self._log = folder / "points"
        self.settings = {
            "PYTHONPATH": str(INJECTED),
            KILL_BEFORE: str(number),
            KILL_LOG: str(self._log),
            KILL_WATCHED: watched,
            KILL_PROGRAM: program,
            "TRANSFER_THREADS": "1",  # so that the points come in the same order in each run
        }

    def points(self, prefix: str) -> list[Point]:
        """The points that the job has come to; places are told without the prefix."""
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        pairs = (line.split("\t") for line in lines)
        return [Point(call, place.removeprefix(prefix)) for call, place in pairs]
