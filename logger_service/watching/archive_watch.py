"""What all providers hold, known at any time without waiting for any of them."""

from collections.abc import Callable
from time import monotonic

from shared.errors import BadSettings
from shared.provider import Reader
from shared.providers import bucket_provider, local_provider
from shared.settings import LoggerSettings
from watching.archive_state import ArchiveState
from watching.archive_watcher import ArchiveWatcher

LEAST_SECONDS = 1.0  # between two looks, however often the catch-up looks
LOCAL_SECONDS = 2.0  # at most: a look at a directory costs nothing
PATIENCE_SHARE, LEAST_PATIENCE = 0.25, 5.0  # of the seconds between two looks, for each call


class ArchiveWatch:
    """A watcher for each provider of the settings, the bucket first."""

    def __init__(self, settings: LoggerSettings) -> None:
        self._settings = settings
        local = ArchiveState("local", settings.local_address)
        self._watchers = [self._watcher(local, lambda: local_provider(settings))]
        if settings.bucket_address:
            bucket = ArchiveState("gcs", settings.bucket_address)
            self._watchers.insert(0, self._watcher(bucket, self._open_bucket))

    @property
    def archives(self) -> tuple[ArchiveState, ...]:
        """Each provider as it was seen last; it never waits."""
        return tuple(watcher.state for watcher in self._watchers)

    def start(self) -> None:
        """Look from now on."""
        for watcher in self._watchers:
            watcher.start()

    def stop(self) -> None:
        """Begin nothing more; nobody waits for a look that is under way."""
        for watcher in self._watchers:
            watcher.stop()

    def refresh(self, seconds: float, *, whole: bool = False) -> None:
        """Begin a new look at every provider, and wait for so long at most.

        `whole` also has drills and prunes looked at, which otherwise are when something is new.
        """
        until = monotonic() + seconds
        asked = [(watcher, watcher.ask(whole=whole)) for watcher in self._watchers]
        for watcher, number in asked:
            watcher.wait(number, until)

    def _watcher(self, unknown: ArchiveState, open_reader: Callable[[], Reader]) -> ArchiveWatcher:
        longest = LOCAL_SECONDS if unknown.kind == "local" else self._settings.catch_up_seconds
        seconds = max(min(self._settings.catch_up_seconds, longest), LEAST_SECONDS)
        return ArchiveWatcher(unknown, open_reader, self._settings.service_name, seconds)

    def _open_bucket(self) -> Reader:
        patience = max(self._settings.catch_up_seconds * PATIENCE_SHARE, LEAST_PATIENCE)
        provider = bucket_provider(self._settings, patience)
        if provider is None:
            raise BadSettings("GCS_BUCKET_NAME is not set", name="GCS_BUCKET_NAME")
        return provider
