"""Where rows go: a file per UTC day and instance, and memory while the disk refuses them.

Rows that wait are written first and in order once the disk takes them again. There is room for so
many of them and no more: what comes after that is counted as refused, and told.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from market.quote import SYMBOL, Quote
from record.price_file import PriceFile
from record.row_times import RowTimes

LONGEST_LINE = 1024  # bytes; a row has about 120
_log = logging.getLogger(__name__)


class PriceFiles:
    """The files of one instance below `data_dir`; at most `room` rows wait for the disk.

    `last_row_at` is when the newest row in them arrived, `given` counts all rows by source, and
    `refused` those for which there was no room. What a person has to know at once goes to
    `report`, and its end to `over`. Any thread may read; one writes.
    """

    def __init__(
        self,
        data_dir: Path,
        instance: str,
        room: int = 100_000,
        report: Callable[[str], object] = _log.critical,
        over: Callable[[str], object] = _log.warning,
    ) -> None:
        self.data_dir, self.instance = data_dir, instance
        self.last_row_at: datetime | None = None
        self.refused = 0
        self.given: Counter[str] = Counter()
        self._folder = data_dir / SYMBOL
        self._room, self._report = room, report
        self._over = over
        self._files: dict[str, PriceFile] = {}  # by UTC day
        self._day = ""  # of the newest row taken
        self._times = RowTimes(())  # of that day
        self._newest: datetime | None = None  # among the rows taken, written or not
        self._waited = 0  # rows, after the last write
        self._refusal_told = False

    @property
    def rows(self) -> int:
        """Rows in all the files."""
        return sum(file.rows for _, file in self._each())

    @property
    def waiting(self) -> int:
        """Rows in memory that the disk has not taken."""
        return sum(file.waiting for _, file in self._each())

    @property
    def deleted(self) -> int:
        """Rows that were written to files which somebody has deleted."""
        return sum(file.deleted for _, file in self._each())

    @property
    def taken(self) -> int:
        """All rows that were ever given, whatever became of them."""
        return self.rows + self.waiting + self.deleted + self.refused

    @property
    def is_refused(self) -> bool:
        """Whether the disk refuses rows, as has been told."""
        return self._refusal_told

    def paths(self) -> set[str]:
        """The files that this instance created, as POSIX paths relative to `data_dir`."""
        return {f"{SYMBOL}/{self._name(day)}" for day, file in self._each() if file.created}

    def write(self, quotes: Sequence[Quote]) -> None:
        """Write the rows, given in the order of arrival, and whatever still waits.

        A file that cannot be written is told in the log and keeps its rows for the next call.
        """
        refused = self.refused
        if self._waited >= self._room:
            self._settle()  # perhaps there is room again
        for quote in quotes:
            self._take(quote)
        self._settle()
        if self.refused > refused == 0:
            self._report(f"{self._room} rows wait for the disk: there is no room for more")
        current = self._files.get(self._day)
        if current and not current.unwritten:
            self.last_row_at = self._newest

    def close(self) -> None:
        """Try once more to write what waits, and close every file."""
        self.write(())
        for day, file in self._each():
            file.close()
            if file.waiting:
                _log.critical("%s: %d rows are lost", self._name(day), file.waiting)

    def _take(self, quote: Quote) -> None:
        self.given[quote.source] += 1
        if self._room <= self.waiting:
            self.refused += 1
            return
        day = f"{quote.observed_at.astimezone(UTC):%Y-%m-%d}"
        if day != self._day:
            self._day, self._times = day, RowTimes(self._lines_of(day))
        self._newest = self._times.take(quote.source, quote.observed_at)
        file = self._files.setdefault(day, PriceFile(self._folder / self._name(day)))
        file.add(replace(quote, observed_at=self._newest))

    def _settle(self) -> None:
        """Write what waits, and tell when the disk begins to refuse it and when that is over."""
        waited, fault, has_written = self._waited, None, False
        for day, file in self._each():
            try:
                if file.unwritten:
                    file.flush()
                    has_written = True
            except OSError as error:
                fault = error
            if day != self._day:
                file.close()
        self._waited = self.waiting
        if fault and not self._refusal_told:
            self._refusal_told = True
            self._report(f"the disk refuses rows, which wait in memory: {fault}")
        elif self._refusal_told and has_written and not (fault or self._waited):
            self._refusal_told = False
            self._over(f"The disk takes rows again: {waited} that waited are written")

    def _lines_of(self, day: str) -> Iterator[bytes]:
        """The rows that there are of a day, of whichever instance, on disk or waiting."""
        for place in sorted(self._folder.glob(f"{day}.*.csv")):
            if not place.is_file():  # opening a pipe would wait for its writer
                continue
            try:
                with place.open("rb") as file:
                    yield from iter(partial(file.readline, LONGEST_LINE), b"")
            except OSError as error:
                _log.warning("%s: its times are not known: %s", place, error)
        if day in self._files:
            yield from bytes(self._files[day].unwritten).splitlines()

    def _name(self, day: str) -> str:
        return f"{day}.{self.instance}.csv"

    def _each(self) -> tuple[tuple[str, PriceFile], ...]:
        return tuple(self._files.items())  # a copy: the writer may add a day meanwhile
