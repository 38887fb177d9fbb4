"""Plays one real day again: Coinbase BTC-USD on 2017-12-17, the day of the all-time high.

The two files are QuantConnect/Lean's, unchanged (Apache-2.0): no header, times in milliseconds
since UTC midnight of the day in their name. Every row says `replay-coinbase` and the original
time, so nobody can take it for today's price.
"""

import csv
import time
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from pathlib import Path

from market.quote import Clock, Quote, now
from shared.names import timestamp

DAY = "20171217"
DIRECTORY = Path(__file__).parents[1] / "replay_data"
_DAY_SECONDS = 24 * 60 * 60


@dataclass(frozen=True)
class Minute:
    """One traded minute; bid and ask are empty where no quote was recorded."""

    start_ms: int  # since UTC midnight
    price: str  # the last trade's
    bid: str
    ask: str


class Replay:
    """A source that plays the day `speed` times as fast as it was, again and again."""

    name = "replay-coinbase"
    stale_after = None  # its times are those of another year

    def __init__(
        self,
        speed: float,
        directory: Path = DIRECTORY,
        clock: Clock = now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._speed = speed
        self._clock = clock
        self._monotonic = monotonic
        self._minutes = read_minutes(directory, DAY)
        self._midnight = datetime.strptime(DAY, "%Y%m%d").replace(tzinfo=UTC)
        self._started_at = monotonic()

    def quote(self) -> Quote:
        """The last minute that traded up to the moment of the day that is being played."""
        played = (self._monotonic() - self._started_at) * self._speed  # market seconds
        moment_ms = played % _DAY_SECONDS * 1000
        found = bisect_right(self._minutes, moment_ms, key=attrgetter("start_ms"))
        minute = self._minutes[max(found - 1, 0)]
        return Quote(
            self.name,
            minute.price,
            minute.bid,
            minute.ask,
            volume_24h="",
            exchange_ts=timestamp(self._midnight + timedelta(milliseconds=minute.start_ms)),
            latency_ms=0,
            observed_at=self._clock(),
        )


def read_minutes(directory: Path, day: str) -> list[Minute]:
    """The traded minutes of `day` (YYYYMMDD) in the order of time."""
    quotes = {row[0]: row for row in _rows(directory / f"{day}_btcusd_minute_quote.csv")}
    minutes = []
    for start_ms, _, _, _, close, _ in _rows(directory / f"{day}_btcusd_minute_trade.csv"):
        quote = quotes.get(start_ms)
        # Columns: ms, bid open-high-low-close, bid size, ask open-high-low-close, ask size.
        bid, ask = (quote[4], quote[9]) if quote else ("", "")
        minutes.append(Minute(int(start_ms), close, bid, ask))
    return minutes


def _rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="ascii") as file:
        return list(csv.reader(file))
