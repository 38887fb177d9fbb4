"""Ticks in a row that bring no row from any source: told once, when there are too many."""

import logging
from collections.abc import Callable

LONGEST = 5  # ticks without a row, unless the settings say otherwise
_log = logging.getLogger(__name__)


class Drought:
    """Counts them; at `longest` it tells `report`, and `over` when rows are back."""

    def __init__(
        self,
        longest: int = LONGEST,
        report: Callable[[str], object] = _log.critical,
        over: Callable[[str], object] = _log.warning,
    ) -> None:
        self._longest, self._report, self._over = longest, report, over
        self._ticks = 0

    def see(self, rows: int) -> None:
        """A tick took place and brought so many rows."""
        before, self._ticks = self._ticks, 0 if rows else self._ticks + 1
        if self._ticks == self._longest:
            self._report(f"no source gave a row at {self._ticks} ticks in a row")
        elif rows and before >= self._longest:
            self._over(f"Rows are back after {before} ticks without any")
