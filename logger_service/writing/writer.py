"""What writes the data: our recorder, or the user's own logger in its place."""

import shlex
from functools import partial
from typing import Protocol

from critical_events import CriticalEvents
from judging.limits import Limits
from judging.sanity import check_range
from market.sources import open_sources
from polling.poller import Poller
from record.logbook import Logbook
from record.price_files import PriceFiles
from shared.settings import LoggerSettings
from writing.drought import Drought
from writing.figures import Figures
from writing.logger_command import LoggerCommand, grace
from writing.recorder import SHORTEST, Clocks, Recorder, deadline


class Writer(Protocol):
    """Writes into the data directory while the rest of the logger shows and backs it up."""

    def start(self) -> None:
        """Begin to write."""

    def stop(self) -> None:
        """Return when nothing more will be written; a second call is harmless."""

    def kill(self) -> None:
        """End at once whatever would outlive this process."""

    def own_paths(self) -> set[str]:
        """The files that only it writes, by appending; relative POSIX paths."""

    def summary(self) -> str:
        """What it has done so far, in words for the log."""

    def figures(self) -> Figures:
        """How it stands now; any thread may ask."""


def open_writer(settings: LoggerSettings, instance: str, events: CriticalEvents) -> Writer:
    """The one that the settings ask for; no price source is opened for a user's logger.

    Raises:
        BadSettings: the command names no program.
    """
    if settings.logger_command:
        grace_seconds = grace(settings.shutdown_seconds)
        return LoggerCommand(
            settings.logger_command, settings.data_dir, events, grace_seconds=grace_seconds
        )
    return open_recorder(settings, instance, events)


def open_recorder(settings: LoggerSettings, instance: str, events: CriticalEvents) -> Recorder:
    """Our recorder, from its sources to its files."""
    interval, limits, clocks = settings.log_interval_seconds, Limits.of(settings), Clocks()
    sources = open_sources(settings)
    # A stop waits for the tick that runs; then its rows have to be pushed.
    answering = min(deadline(interval), max(grace(settings.shutdown_seconds), SHORTEST))
    poller = Poller(sources, answering, partial(check_range, limits=limits))
    disk = partial(events.report, "disk"), partial(events.over, "disk")
    files = PriceFiles(settings.data_dir, instance, settings.max_waiting_rows, *disk)
    logbook = Logbook(files, sources, limits, interval, clocks.now())
    return Recorder(
        poller,
        logbook,
        interval,
        report=partial(events.report, "recorder failed"),
        over=partial(events.over, "recorder failed"),
        drought=Drought(
            settings.critical_error_count,
            partial(events.report, "no rows"),
            partial(events.over, "no rows"),
        ),
        clocks=clocks,
    )


def what_writes(settings: LoggerSettings) -> str:
    """The same in words, for the log."""
    if settings.logger_command:
        return f"has `{shlex.join(settings.logger_command)}` write"
    sources = ",".join(settings.price_sources)
    return f"records {sources} every {settings.log_interval_seconds:g} s"
