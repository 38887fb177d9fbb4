"""Equal spans of time that begin where a person would let them begin, and an axis for them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil, floor

MINUTE, HOUR, DAY = 60, 3600, 86400
LENGTHS = [  # of a span, in seconds
    *(10, 30, MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE),
    *(HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY),
]
MOST, LEAST = 120, 24  # spans beside each other
MOST_TICKS = 5
LONGEST_DAY = 36 * HOUR  # which is told by times of day
MIDNIGHT = datetime(2001, 1, 1, tzinfo=UTC)  # a Monday's


@dataclass(frozen=True)
class TimeSpans:
    """`count` of them, of so many `seconds` each, from `begin` on."""

    begin: datetime
    seconds: int
    count: int

    def place(self, at: datetime) -> int:
        """The number of the span that has this time."""
        return floor((at - self.begin).total_seconds() / self.seconds)

    def start(self, place: int) -> datetime:
        """When that one begins."""
        return self.begin + timedelta(seconds=place * self.seconds)

    @property
    def end(self) -> datetime:
        """Of the last one."""
        return self.start(self.count)

    def share(self, at: datetime) -> float:
        """Where it is between the begin and the end, from 0 to 1."""
        return (at - self.begin) / (self.end - self.begin)

    def ticks(self) -> Iterator[datetime]:
        """A few times at equal distances, each the beginning of a span."""
        length = self._between_ticks()
        first = ceil(_since_midnight(self.begin) / length) * length
        for seconds in range(first, ceil(_since_midnight(self.end)), length):
            yield MIDNIGHT + timedelta(seconds=seconds)

    @property
    def has_days(self) -> bool:
        """Whether its ticks are whole days apart."""
        return self._between_ticks() >= DAY

    def _between_ticks(self) -> int:
        """Seconds; where a time of day would not tell which day, whole days."""
        lasting = self.count * self.seconds
        return max(_length(lasting / MOST_TICKS), DAY if lasting > LONGEST_DAY else 0)


def spans_over(oldest: datetime, newest: datetime) -> TimeSpans:
    """As many as it takes, of the shortest length of which there are not too many."""
    seconds = _length((newest - oldest).total_seconds() / (MOST - 1))
    first = floor(_since_midnight(oldest) / seconds)
    last = floor(_since_midnight(newest) / seconds)
    first = min(first, last - LEAST + 1)
    begin = MIDNIGHT + timedelta(seconds=first * seconds)
    return TimeSpans(begin, seconds, last - first + 1)


def _length(least: float) -> int:
    """The shortest usual one that is no shorter; many years have spans of many months."""
    longest = LENGTHS[-1]
    fits = (length for length in LENGTHS if length >= least)
    return next(fits, ceil(least / longest) * longest)


def _since_midnight(at: datetime) -> float:
    return (at - MIDNIGHT).total_seconds()
