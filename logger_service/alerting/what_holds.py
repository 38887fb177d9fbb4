"""What can hold or be over in this process: its history, its own backups, its drills."""

from collections.abc import Callable, Sequence

from catching_up.status import CatchUpStatus
from pushing.destination import Standing
from shared.conditions import Kind, Look, clipped
from start_outcome import StartOutcome

FAILING = Kind("backup failing", ends="The newest one did well:")
NO_HISTORY = Kind("started without its history", ends="its history is here")
DRILL_FAILING = Kind("drill failing", ends="The newest one passed:")
PLANTED = Kind(
    "planted backup",
    begins="The newest backups are not what this logger or the function leave. Who has the keys?",
    ends="The newest backups are as they should be again; this is over:",
)


class History:
    """Whether what should have been here at the start has come since."""

    def __init__(self, start: StartOutcome, catch_up: Callable[[], CatchUpStatus]) -> None:
        self._start, self._catch_up = start, catch_up
        self._is_here = start.exit_code == 0

    def look(self) -> Look:
        """What has come once has come, whatever others back up after that."""
        self._is_here = self._is_here or self._catch_up().is_whole
        is_missing = self._start.is_history_missing and not self._is_here
        holds = {"": self._start.sentence} if is_missing else {}
        return Look(NO_HISTORY, holds, None if self._is_here else ())


class Drills:
    """How the newest of this logger's own went, by provider; any thread may tell."""

    def __init__(self) -> None:
        self._why: dict[str, str] = {}  # address to why it failed; empty if it passed

    def ended(self, address: str, *, passed: bool, detail: str) -> None:
        """One has come to a verdict."""
        self._why = {**self._why, address: "" if passed else detail or "it failed"}

    def look(self) -> Look:
        """Of a provider without a drill in this process, nothing is known."""
        failed = {address: why for address, why in self._why.items() if why}
        return Look(DRILL_FAILING, failed, list(self._why))


class OwnPushes:
    """How the own backups went; `main_address` is the provider that survives."""

    def __init__(
        self, standings: Callable[[], Sequence[Standing]], main_address: str | None
    ) -> None:
        self._standings, self._main_address = standings, main_address

    @property
    def main_standing(self) -> Standing | None:
        """Of the provider that survives; None where there is none."""
        return next((one for one in self._standings() if one.address == self._main_address), None)

    def looks(self) -> list[Look]:
        """What was never tried in this process is neither well nor failing."""
        tried = [one for one in self._standings() if one.error or one.succeeded_at]
        failing = {one.address: one.error for one in tried if one.error}
        return [Look(FAILING, failing, [one.address for one in tried]), self._planted()]

    def _planted(self) -> Look:
        main = self.main_standing
        if main is None or main.succeeded_at is None:
            return Look(PLANTED, {}, ())
        return Look(PLANTED, dict.fromkeys(map(clipped, main.planted), ""))
