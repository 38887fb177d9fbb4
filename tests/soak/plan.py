"""What is to happen, drawn from a seed: the same seed brings the same events in the same order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import TypeVar


class Kind(StrEnum):
    """What happens to the system."""

    DEPLOY = "deploy"
    TWO_DEPLOYS = "two deploys in a row"
    RESTART = "restart"
    CRASH_DISK_LOST = "SIGKILL, disk lost"
    CRASH_SAME_DISK = "SIGKILL, same disk"
    FUNCTION_DOWN = "function down"
    STORAGE_REFUSING = "storage refusing"
    STORAGE_SLOW = "storage slow"


# What may happen while a trouble lasts that is not the service's own.
MEANWHILE: dict[Kind, tuple[Kind | None, ...]] = {
    Kind.FUNCTION_DOWN: (None, Kind.DEPLOY, Kind.CRASH_DISK_LOST),
    Kind.STORAGE_REFUSING: (None, Kind.RESTART, Kind.DEPLOY, Kind.CRASH_SAME_DISK),
    Kind.STORAGE_SLOW: (None, Kind.DEPLOY, Kind.RESTART, Kind.CRASH_DISK_LOST),
}
MOST_ROWS = 6  # recorded before a crash comes

Card = TypeVar("Card")


@dataclass(frozen=True)
class Event:
    """One thing to happen."""

    kind: Kind
    meanwhile: Kind | None = None
    rows: int = 0  # to wait for before it, so that crashes come at any distance from a backup

    def __str__(self) -> str:
        return self.kind if self.meanwhile is None else f"{self.kind}, {self.meanwhile} meanwhile"


def draw(events: int, seed: int) -> list[Event]:
    """So many events; each kind comes once before any comes again."""
    random = Random(seed)  # noqa: S311  it decides on tests, not on secrets
    kinds = _cards(tuple(Kind), random)
    meanwhile = {kind: _cards(choices, random) for kind, choices in MEANWHILE.items()}
    drawn = []
    for _ in range(events):
        kind = next(kinds)
        beside = next(meanwhile[kind]) if kind in meanwhile else None
        drawn.append(Event(kind, beside, random.randint(0, MOST_ROWS)))
    return drawn


def _cards(deck: Sequence[Card], random: Random) -> Iterator[Card]:
    """A deck, shuffled anew each time that it has been dealt."""
    while True:
        yield from random.sample(deck, len(deck))
