"""Does nothing but what any recorder has to: a line for each tick, put on disk.

Whoever does so little and still misses a tick was kept from it by the machine: by one that stands
still for a second, or whose clock is set. No recorder beside it is to blame for the same tick.
"""

import os
import sys
import time
from math import floor
from pathlib import Path
from typing import Self

from processes import Program


class Witness:
    """Runs in a process of its own, within a context; `folder` gets what it writes."""

    def __init__(self, folder: Path, interval: float) -> None:
        self._folder, self._place = folder, folder / "witness.txt"
        self._interval = interval
        self._program: Program | None = None

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        words = ["-m", "soak.witness", str(self._place), str(self._interval)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        log = self._folder / "witness.log"
        self._program = Program(words, self._folder, environment, log)
        return self

    def __exit__(self, *_: object) -> None:
        if self._program:
            self._program.stop()

    @property
    def process_id(self) -> int:
        """AssertionError where it does not run."""
        assert self._program is not None, "the witness was never started"
        return self._program.process_id

    def missed(self) -> frozenset[int]:
        """The ticks that it could not take, numbered since 1970; none after its newest line."""
        lines = self._place.read_text().rpartition("\n")[0].splitlines()
        return gaps([int(line) for line in lines])


def gaps(taken: list[int]) -> frozenset[int]:
    """The numbers that lie between others and are not there."""
    return frozenset(range(min(taken, default=0), max(taken, default=0))) - frozenset(taken)


def keep(place: Path, interval: float) -> None:
    """Write down the number of each tick, for ever."""
    with place.open("ab", buffering=0) as file:
        while True:
            time.sleep(interval - time.time() % interval)
            file.write(b"%d\n" % floor(time.time() / interval))
            os.fsync(file.fileno())


if __name__ == "__main__":
    keep(Path(sys.argv[1]), float(sys.argv[2]))
