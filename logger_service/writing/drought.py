"""Ticks in a row that bring no row from any source: told once, when there are too many."""

import logging
from collections.abc import Callable

LONGEST = 5  # ticks without a row, unless the settings say otherwise
_log = logging.getLogger(__name__)


class Drought:
    """Counts them; at `longest` it tells `report`, and again when rows came back in between."""

    def __init__(
        self, longest: int = LONGEST, report: Callable[[str], object] = _log.critical
    ) -> None:
        self._longest, self._report = longest, report
        self._ticks = 0

    def see(self, rows: int) -> None:
        """A tick took place and brought so many rows."""
        before, self._ticks = self._ticks, 0 if rows else self._ticks + 1
        if self._ticks == self._longest:
            self._report(f"no source gave a row at {self._ticks} ticks in a row")
        elif rows and before >= self._longest:
            _log.warning("Rows are back after %d ticks without any", before)
