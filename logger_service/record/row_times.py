"""Which times the rows of a day have, so that no two rows of a source ever share one.

While the clock goes forward no time comes twice; one that was set back may bring the same
millisecond again.
"""

from array import array
from collections.abc import Iterable
from datetime import datetime, timedelta

from market.quote import EPOCH

MILLISECOND = timedelta(milliseconds=1)


class RowTimes:
    """The times of one day's rows by source; `lines` are the rows that are there already.

    Eight bytes a row: a day of a source that is asked every second has less than a megabyte.
    """

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._times: dict[str, array[int]] = {}
        self._newest: dict[str, int] = {}
        for line in lines:
            self._read(line)

    def take(self, source: str, at: datetime) -> datetime:
        """The time itself, or the next millisecond that no row of this source has yet."""
        time = (at - EPOCH) // MILLISECOND
        if time <= self._newest.get(source, -1):
            times = self._times[source]
            while time in times:
                time += 1
            at = EPOCH + time * MILLISECOND
        self._add(source, time)
        return at

    def _add(self, source: str, time: int) -> None:
        self._times.setdefault(source, array("q")).append(time)
        self._newest[source] = max(time, self._newest.get(source, time))

    def _read(self, line: bytes) -> None:
        stamp, _, rest = line.partition(b",")
        try:
            at = datetime.fromisoformat(stamp.decode("ascii"))
            self._add(rest.partition(b",")[0].decode(), (at - EPOCH) // MILLISECOND)
        except (ValueError, TypeError):  # a header, a torn line, a foreign one, a time without zone
            return
