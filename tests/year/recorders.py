"""Recorders as the logger makes them, with clocks that a test turns."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from judging.limits import Limits
from judging.sanity import check_range
from market.quote import Source
from polling.poller import Poller
from record.logbook import Logbook
from record.price_files import PriceFiles
from shared.settings import LoggerSettings
from writing.recorder import Clocks, Recorder, deadline

LIMITS = Limits.of(LoggerSettings.model_construct())  # the defaults


def open_recorder(
    sources: Sequence[Source],
    directory: Path,
    interval: float = 3600,
    *,
    clocks: Clocks | None = None,
    wait: Callable[[float], bool] | None = None,
) -> Recorder:
    """A recorder of the instance `ab12`, by the machine's own clocks unless others are given."""
    clocks = clocks or Clocks()
    files = PriceFiles(directory, "ab12")
    logbook = Logbook(files, sources, LIMITS, interval, clocks.now())
    poller = Poller(
        sources,
        deadline(interval),
        partial(check_range, limits=LIMITS),
        monotonic=clocks.monotonic,
    )
    return Recorder(poller, logbook, interval, clocks=clocks, wait=wait)
