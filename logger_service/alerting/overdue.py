"""Providers without a backup for two intervals, though there is something to back up."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from time import monotonic

from shared.conditions import Kind, Look
from shared.names import timestamp
from shared.selection import Selection
from shared.settings import LoggerSettings
from watching.archive_state import ArchiveState

INTERVALS = 2
LOOK_SECONDS = 60.0  # between two looks at the sizes of all files
KIND = Kind(
    "no backup for two intervals",
    begins="What was written since is on this disk alone:",
    ends="There is a new backup:",
)


class Overdue:
    """Looks at what is known of the archives, and at the files' sizes if a backup is late.

    `clock` tells seconds; nothing is late before the process is two intervals old.
    """

    def __init__(
        self,
        settings: LoggerSettings,
        archives: Callable[[], Sequence[ArchiveState]],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._root, self._archives, self._clock = settings.data_dir, archives, clock
        self._selection = Selection(settings.backup_include, settings.backup_exclude)
        self._seconds = INTERVALS * settings.backup_interval_minutes * 60
        self._is_wanted = settings.backup_enabled
        self._began = clock()
        self._looked: dict[str, tuple[object, float, bool]] = {}  # address to when what was seen

    def look(self) -> Look:
        """A provider that does not answer may be late, but nobody knows that it is not."""
        late: dict[str, str] = {}
        settled: set[str] = set()
        is_young = self._clock() - self._began <= self._seconds
        for state in self._archives() if self._is_wanted else ():
            if state.looked_at is None:
                continue
            is_late = self._is_old(state) and (is_young or self._has_more(state))
            if is_late and not is_young:
                late[state.address] = _newest(state)
            elif not is_late and not state.error:
                settled.add(state.address)
        return Look(KIND, late, settled)

    def _is_old(self, state: ArchiveState) -> bool:
        newest = state.newest
        return newest is None or (datetime.now(UTC) - newest.taken_at).total_seconds() > (
            self._seconds
        )

    def _has_more(self, state: ArchiveState) -> bool:
        """Whether files differ from the newest backup's; looked up once a minute at most."""
        of, at, has_more = self._looked.get(state.address, (None, 0.0, False))
        if of == state.numbers and self._clock() - at < LOOK_SECONDS:
            return has_more
        has_more = any(state.sizes.get(path) != size for path, size in self._sizes())
        self._looked[state.address] = (state.numbers, self._clock(), has_more)
        return has_more

    def _sizes(self) -> list[tuple[str, int]]:
        found = []
        for path in self._selection.files(self._root, []):
            try:
                found.append((path, (self._root / path).lstat().st_size))
            except OSError:  # gone since it was listed
                continue
        return found


def _newest(state: ArchiveState) -> str:
    newest = state.newest
    return f"the newest is of {timestamp(newest.taken_at)}" if newest else "there is none"
