"""The prices of the last hours by source and minute, of all instances' files.

Only the files of days that the window touches are opened, however many others there are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Lock

from reading.growing_price_file import GrowingPriceFile
from reading.price_files_of_days import PriceFileName, files_by_day
from reading.price_minutes import MINUTE_SECONDS, SourceMinutes, Sources
from shared.errors import SourceRefused

WINDOW_MINUTES = 24 * 60
PATIENCE_SECONDS = 2.0  # for another's reading: a disk that hangs must not hold every thread


@dataclass(frozen=True)
class PricesSeen:
    """What there is from one minute on and before another."""

    start: int
    end: int
    sources: Mapping[str, SourceMinutes]
    has_older: bool  # whether anything had been recorded before


class RecentPrices:
    """Reads what has been added since it was last asked; one thread at a time."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._files: dict[PriceFileName, GrowingPriceFile] = {}
        self._turn = Lock()

    def before(self, end: int) -> PricesSeen:
        """The prices of the 24 hours that end with the beginning of this minute.

        Raises:
            SourceRefused: the disk does not answer, or the folder cannot be listed.
        """
        if not self._turn.acquire(timeout=PATIENCE_SECONDS):
            raise SourceRefused("the recorded prices cannot be read in time", status=503)
        try:
            return self._read(end - WINDOW_MINUTES, end)
        except OSError as error:
            why = error.strerror or str(error)
            raise SourceRefused(f"the recorded prices cannot be read: {why}", status=503) from error
        finally:
            self._turn.release()

    def _read(self, start: int, end: int) -> PricesSeen:
        first, last = _day_of(start), _day_of(end)
        names = [name for day in files_by_day(self._data_dir, date.min, last) for name in day]
        wanted = [name for name in names if name.day >= first]
        known = self._files
        self._files = {name: known.get(name) or GrowingPriceFile(name) for name in wanted}
        sources = Sources()
        for file in self._files.values():
            file.grow(start)
            for source, minutes in file.sources.items():
                joined = sources.setdefault(source, SourceMinutes(minutes.symbol))
                joined.add_between(minutes, start, end)
        seen = {name: found for name, found in sources.items() if found.priced or found.doubted}
        is_older = len(wanted) < len(names) or any(file.has_older for file in self._files.values())
        return PricesSeen(start, end, seen, is_older)


def _day_of(minute: int) -> date:
    return datetime.fromtimestamp(minute * MINUTE_SECONDS, UTC).date()
