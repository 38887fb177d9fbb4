"""What one provider has and this logger lacks, on its way here.

What cannot be had stays wanted. It is tried again at the next look, and then less and less often
until there is news, because each try may read every backup there is.
"""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from time import monotonic

from catching_up.followed_history import FollowedHistory
from catching_up.status import LoggedProgress
from catching_up.superseded import Superseded
from catching_up.turn import Turn
from shared.errors import StorageError, StorageUnavailable
from shared.names import without_beside
from shared.provider import Reader
from shared.receipt import Receipt
from shared.restore import Options, restore
from writing.backoff import Backoff

ROUND_SECONDS = 120.0  # after which another provider has its turn
LONGEST_REST_SECONDS = 15 * 60.0
PROBLEMS_TOLD = 5  # of more files the log tells the number
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Target:
    """Where files go, and how; `own_paths` are those that this logger writes."""

    service: str
    root: Path
    threads: int
    own_paths: Callable[[], Collection[str]]
    seconds: float  # between two looks
    turn: Turn = field(default_factory=Turn)


class Bringing:
    """Follows a history and brings what is wanted of it, until `stop` is set."""

    def __init__(
        self, reader: Reader, history: FollowedHistory, target: Target, stop: Event
    ) -> None:
        self._reader, self._target, self._stop = reader, target, stop
        self._backoff = Backoff(target.seconds, max(target.seconds, LONGEST_REST_SECONDS))
        self._rests_until = 0.0  # of the monotonic clock
        self._superseded = Superseded(target.root)
        self._told: set[str] = set()  # paths whose problem the log has
        self._files = self._bytes = 0  # since it was whole last
        self.history = history
        self.address = reader.address
        self.progress = LoggedProgress(reader.address)
        self.files_done = self.bytes_done = 0
        self.has_looked = False
        self.error = ""  # of the last look

    def go_on(self) -> bool:
        """Look and bring; whether there is more to be had at once. Raises BackupError, OSError."""
        self._look()
        self.history.wanted -= {*self._target.own_paths()}
        if not self.history.wanted or monotonic() < self._rests_until:
            return False
        receipt = self._restore()
        self._superseded.drop(receipt)
        self._count(receipt)
        self._settle(receipt)
        if not self.history.wanted:
            self._tell_that_it_is_whole()
        if receipt.problems:
            self._rest()
            return False
        return bool(self.history.wanted and receipt.restored_files)

    def failed(self, error: str) -> None:
        """Tell of the first of the looks that fail in a row."""
        if not self.error:
            _log.warning("cannot catch up with %s, and goes on trying: %s", self.address, error)
        self.error = error

    def _look(self) -> None:
        before = self.history.number
        self.history.look()
        self.has_looked = True
        if self.error or self.history.number != before:
            self._backoff.reset()
            self._rests_until = 0.0

    def _restore(self) -> Receipt:
        options = Options(
            paths=frozenset(self.history.wanted),
            live=True,
            seconds=ROUND_SECONDS,
            stop=self._stop,
            threads=self._target.threads,
        )
        target = self._target
        with target.turn.taken():
            try:
                return restore([self._reader], target.service, target.root, options, self.progress)
            finally:
                self.progress.end()

    def _count(self, receipt: Receipt) -> None:
        self._files += receipt.restored_files
        self._bytes += receipt.restored_bytes
        self.files_done += receipt.restored_files
        self.bytes_done += receipt.restored_bytes

    def _settle(self, receipt: Receipt) -> None:
        """Let go of what is here now; raises StorageError if it was not from what was seen."""
        if receipt.unreachable and not receipt.backups:
            raise StorageUnavailable(receipt.unreachable[0], name=self.address)
        if receipt.backups.get(self.address, 0) < self.history.readable:
            self._rest()
            seen = f"backup {self.history.readable}"
            raise StorageError(f"{seen} cannot be read any more", name=self.address)
        lacking = set(map(without_beside, {*receipt.later, *receipt.problems}))
        self.history.wanted &= lacking
        self._tell_of(receipt.problems)

    def _tell_that_it_is_whole(self) -> None:
        if self._files:
            _log.info(
                "caught up with backup %d of %s: %d files, %s bytes",
                self.history.readable,
                self.address,
                self._files,
                f"{self._bytes:,}",
            )
        self._files = self._bytes = 0

    def _tell_of(self, problems: dict[str, str]) -> None:
        new = sorted(problems.keys() - self._told)
        for path in new[:PROBLEMS_TOLD]:
            _log.warning("catching up with %s: %s: %s", self.address, path, problems[path])
        if len(new) > PROBLEMS_TOLD:
            more = len(new) - PROBLEMS_TOLD
            _log.warning("catching up with %s: the same for %d more files", self.address, more)
        self._told = set(problems)

    def _rest(self) -> None:
        self._rests_until = monotonic() + self._backoff.next()
