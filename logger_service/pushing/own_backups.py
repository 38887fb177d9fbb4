"""All of the logger's own backups behind one object: their start, their end, and how they stand.

None is made with BACKUP_ENABLED=false. A bucket's SDK costs time and memory, so the thread that
pushes imports it, when it first does.
"""

import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from critical_events import CriticalEvents
from pushing.critical_backups import CriticalBackups
from pushing.destination import Destination, Origin, Standing
from pushing.final_push import final_push
from pushing.local_backups import LocalBackups
from shared.directory_source import DirectorySource
from shared.provider import Provider
from shared.providers import bucket_provider, local_provider
from shared.settings import LoggerSettings
from shared.time_limit import TimeLimit


class Schedule(Protocol):
    """What works by itself while the logger runs, such as what makes backups."""

    def start(self) -> None:
        """Work from now on."""

    def stop(self) -> None:
        """Begin nothing further; whoever stops it does not wait."""


class OwnBackups:
    """Pushes to all `destinations`, which may be none, and runs the `schedules`.

    One of these may be the `local` one, which tells when its next backup is due.
    """

    def __init__(
        self,
        destinations: Sequence[Destination],
        schedules: Sequence[Schedule],
        data_dir: Path,
        local: LocalBackups | None = None,
    ) -> None:
        self.destinations, self._schedules = tuple(destinations), schedules
        self._data_dir, self._local = data_dir, local

    @property
    def standings(self) -> tuple[Standing, ...]:
        """How each provider stands."""
        return tuple(destination.standing for destination in self.destinations)

    @property
    def next_local_at(self) -> datetime | None:
        """When the next backup into the local directory is due; None if none is."""
        return self._local.next_at if self._local else None

    def start(self) -> None:
        """Begin the schedules."""
        for schedule in self._schedules:
            schedule.start()

    def stop(self) -> None:
        """End the schedules; what they push right now ends soon, and is kept."""
        for schedule in self._schedules:
            schedule.stop()

    def finish(self, seconds: float) -> None:
        """The final push, in so many seconds; never raises."""
        final_push(self.destinations, self._data_dir, TimeLimit(seconds))


def open_own_backups(
    settings: LoggerSettings, instance: str, directory: DirectorySource, events: CriticalEvents
) -> OwnBackups:
    """What the settings ask for; nothing is asked of any storage yet."""
    if not settings.backup_enabled:
        return OwnBackups((), (), settings.data_dir)
    origin = Origin(
        settings.service_name, instance, directory, time.time_ns(), settings.transfer_threads
    )
    local, address = _local(settings, origin), settings.bucket_address
    destinations = [*([_bucket(settings, address, origin)] if address else []), local]
    critical = CriticalBackups(destinations)
    events.listen(critical.take)
    interval = settings.backup_interval_minutes * 60
    every_so_often = LocalBackups(local, interval, settings.max_local_backups)
    return OwnBackups(destinations, (critical, every_so_often), settings.data_dir, every_so_often)


def _local(settings: LoggerSettings, origin: Origin) -> Destination:
    return Destination(settings.local_address, lambda _patience: local_provider(settings), origin)


def _bucket(settings: LoggerSettings, address: str, origin: Origin) -> Destination:
    def open_bucket(patience: float | None) -> Provider:
        provider = bucket_provider(settings, patience)
        assert provider  # noqa: S101  a bucket is named
        return provider

    return Destination(address, open_bucket, origin)
