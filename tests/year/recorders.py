"""Recorders as the logger makes them, with clocks that a test turns."""

from collections.abc import Callable, Sequence
from pathlib import Path

from polling import Poller
from price_files import PriceFiles
from quote import Source
from recorder import Clocks, Recorder, deadline


def open_recorder(
    sources: Sequence[Source],
    directory: Path,
    interval: float = 3600,
    *,
    clocks: Clocks | None = None,
    wait: Callable[[float], bool] | None = None,
) -> Recorder:
    """A recorder of the instance `ab12`, by the machine's own clocks unless others are given."""
    return Recorder(
        Poller(sources, deadline(interval)),
        PriceFiles(directory, "ab12"),
        interval,
        clocks=clocks or Clocks(),
        wait=wait,
    )
