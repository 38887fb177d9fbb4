"""Looks at the archive all the while, and brings in what this logger lacks.

So the last rows of an instance that a deploy has ended come to the one that goes on, and so does
what a bounded start has left out. The thread is nobody's to wait for: it raises nothing into the
logger, and a storage call that hangs ends with the process.
"""

import logging
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from threading import Event, Thread

from catching_up.bringing import Bringing, Target
from catching_up.followed_history import FollowedHistory
from catching_up.status import CatchUpStatus
from catching_up.turn import Turn
from catching_up.what_is_here import what_is_here
from shared.errors import BackupError
from shared.provider import Provider
from shared.providers import all_providers
from shared.receipt import read_receipt
from shared.settings import LoggerSettings

FIRST_LOOK_SECONDS = 5.0  # after the start at the latest; rows come first
PATIENCE_SHARE, LEAST_PATIENCE = 0.25, 5.0  # of the seconds between two looks, for each call
MOMENT_SECONDS = 0.2  # that a stop waits for the chunk that is under way
_log = logging.getLogger(__name__)


class CatchUp:
    """Adds to the data directory what any provider has and it lacks (rule 6).

    `own_paths` names the files that this logger writes; `instance` is its own in snapshots. Each
    round is brought in `turn`, which other restores of this directory take too.
    """

    def __init__(
        self,
        settings: LoggerSettings,
        instance: str,
        own_paths: Callable[[], Collection[str]],
    ) -> None:
        self._settings, self._instance = settings, instance
        self._stopping = Event()
        self._looked_at: datetime | None = None
        self._bringings: list[Bringing] = []
        self.turn = Turn()
        self._target = Target(
            settings.service_name,
            settings.data_dir.absolute(),
            settings.transfer_threads,
            own_paths,
            settings.catch_up_seconds,
            self.turn,
        )
        self._thread = Thread(target=self._run, name="catch-up", daemon=True)

    @property
    def status(self) -> CatchUpStatus:
        """How things stand now."""
        all_of_them = list(self._bringings)
        wanted = [len(one.history.wanted) for one in all_of_them]
        return CatchUpStatus(
            looked_at=self._looked_at,
            backups={one.address: one.history.number or 0 for one in all_of_them},
            files_done=sum(one.files_done for one in all_of_them),
            bytes_done=sum(one.bytes_done for one in all_of_them),
            files_left=sum(wanted),
            bytes_left=sum(one.progress.bytes_left for one in all_of_them),
            errors={one.address: one.error for one in all_of_them if one.error},
            is_whole=bool(wanted)
            and not any(wanted)
            and all(one.has_looked and not one.history.is_unsure for one in all_of_them),
        )

    def start(self) -> None:
        """Look from now on; with AUTO_RESTORE_ON_STARTUP=false, never."""
        if self._settings.auto_restore_on_startup:
            self._thread.start()

    def stop(self) -> None:
        """Begin nothing more; what is under way may take a moment longer, or is left behind."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(MOMENT_SECONDS)

    def _run(self) -> None:
        seconds = self._settings.catch_up_seconds
        pause = min(FIRST_LOOK_SECONDS, self._settings.log_interval_seconds, seconds)
        while not self._stopping.wait(pause):
            try:
                self._bringings = self._bringings or self._open()
                has_more = [self._go_on(one) for one in self._bringings]
            except Exception:  # noqa: BLE001  whatever it is, the logger goes on
                _log.exception("The catch-up failed, and tries again")
                has_more = []
            self._looked_at = datetime.now(UTC)
            pause = 0 if any(has_more) else seconds

    def _open(self) -> list[Bringing]:
        """Every provider from where the start has left it: only now is the storage SDK loaded."""
        patience = max(self._settings.catch_up_seconds * PATIENCE_SHARE, LEAST_PATIENCE)
        return [self._follow(provider) for provider in all_providers(self._settings, patience)]

    def _follow(self, provider: Provider) -> Bringing:
        here = what_is_here(read_receipt(self._target.root), provider.address)
        history = FollowedHistory(provider, self._settings.service_name, self._instance, here)
        return Bringing(provider, history, self._target, self._stopping)

    def _go_on(self, one: Bringing) -> bool:
        """Whether there is more to be had at once; what fails does not hinder the others."""
        if self._stopping.is_set():
            return False
        try:
            has_more = one.go_on()
        except (BackupError, OSError) as error:
            one.failed(str(error))
            return False
        except Exception as error:  # noqa: BLE001  whatever it is, the logger goes on
            if not one.error:
                _log.exception("An error that nobody foresaw")
            one.failed(repr(error))
            return False
        if one.error:
            _log.info("catches up with %s again", one.address)
            one.error = ""
        return has_more
