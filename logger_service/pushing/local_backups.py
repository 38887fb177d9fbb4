"""A backup every so often into the local directory, of which the newest few are kept."""

import logging
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

from pushing.destination import Destination
from shared.errors import BackupError
from shared.prune import Retention
from shared.time_limit import TimeLimit

REASON = "interval"
LONGEST_SECONDS = 3600.0  # for one push, however short the interval is
_log = logging.getLogger(__name__)


class LocalBackups:
    """The first one after one interval; no failure ends the thread.

    `next_at` is when the next one is due; None before the start.
    """

    def __init__(self, destination: Destination, interval_seconds: float, keep: int) -> None:
        self._destination, self._interval = destination, interval_seconds
        self._retention = Retention(keep_last=keep, keep_daily=0)
        self.next_at: datetime | None = None
        self._stopping = Event()
        self._is_failing = False  # as the log was told
        self._thread = Thread(target=self._run, name="local backups", daemon=True)

    def start(self) -> None:
        """Push from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Begin nothing more, and end what runs soon; nobody waits for that."""
        self._stopping.set()

    def _run(self) -> None:
        while not self._pause():
            self._take_place()

    def _pause(self) -> bool:
        """Wait for the next backup; whether there is none, because all of it ends."""
        self.next_at = datetime.now(UTC) + timedelta(seconds=self._interval)
        return self._stopping.wait(self._interval)

    def _take_place(self) -> None:
        """One backup; the log tells what is new, and when failures begin and end."""
        address = self._destination.address
        try:
            limit = TimeLimit(LONGEST_SECONDS, self._stopping)
            report = self._destination.push(REASON, limit).report
            self._destination.prune(self._retention)
        except Exception as error:  # noqa: BLE001  whatever it was, the next one may go well
            if not self._is_failing:
                told = error if isinstance(error, BackupError) else repr(error)
                _log.error("backups to %s fail: %s", address, told)
            self._is_failing = True
            return
        if self._is_failing:
            _log.warning("backups to %s succeed again", address)
        self._is_failing = False
        if report.result != "nothing new":
            _log.info("backup %d to %s: %d new bytes", report.number, address, report.new_bytes)
