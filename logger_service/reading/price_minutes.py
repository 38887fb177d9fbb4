"""What a chart needs of the rows of one source in one minute, and how two such pieces join."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

MINUTE_SECONDS = 60


class Priced(NamedTuple):
    """The rows whose price is to be believed; times in seconds since 1970."""

    first: float
    last: float
    rows: int
    price: float  # the newest
    lowest: float
    highest: float

    def joined(self, other: "Priced") -> "Priced":
        """With other rows of the same minute."""
        return Priced(
            min(self.first, other.first),
            max(self.last, other.last),
            self.rows + other.rows,
            self.price if self.last > other.last else other.price,
            min(self.lowest, other.lowest),
            max(self.highest, other.highest),
        )


class Doubted(NamedTuple):
    """The rows that say themselves that their price is doubtful."""

    first: float
    last: float
    rows: int
    price: float  # the newest
    flags: Mapping[str, int]  # rows by what is odd about them; a row may have several

    def joined(self, other: "Doubted") -> "Doubted":
        """With other rows of the same minute."""
        return Doubted(
            min(self.first, other.first),
            max(self.last, other.last),
            self.rows + other.rows,
            self.price if self.last > other.last else other.price,
            Counter(self.flags) + Counter(other.flags),
        )


@dataclass
class SourceMinutes:
    """The minutes of one source, by their number since 1970."""

    symbol: str
    priced: dict[int, Priced] = field(default_factory=dict)
    doubted: dict[int, Doubted] = field(default_factory=dict)

    def in_time(self) -> list[Priced]:
        """Those with a price, in order."""
        return [self.priced[minute] for minute in sorted(self.priced)]

    def add_priced(self, minute: int, found: Priced) -> None:
        """Rows of a minute of which there may be some already."""
        known = self.priced.get(minute)
        self.priced[minute] = known.joined(found) if known else found

    def add_doubted(self, minute: int, found: Doubted) -> None:
        """The same for doubtful ones."""
        known = self.doubted.get(minute)
        self.doubted[minute] = known.joined(found) if known else found

    def add_between(self, other: "SourceMinutes", start: int, end: int) -> None:
        """Those of another file, from a minute on and before another one."""
        for minute, priced in other.priced.items():
            if start <= minute < end:
                self.add_priced(minute, priced)
        for minute, doubted in other.doubted.items():
            if start <= minute < end:
                self.add_doubted(minute, doubted)

    def forget_before(self, start: int) -> bool:
        """Let go of older minutes; whether there were any."""
        priced = [minute for minute in self.priced if minute < start]
        doubted = [minute for minute in self.doubted if minute < start]
        for minute in priced:
            del self.priced[minute]
        for minute in doubted:
            del self.doubted[minute]
        return bool(priced or doubted)


Sources = dict[str, SourceMinutes]  # by their names
