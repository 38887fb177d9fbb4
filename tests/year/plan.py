"""What happens in a simulated year: a plan drawn from a seed, the same each time.

Exchanges have episodes, in which they answer in one wrong way; the machine has incidents, which
are moments. All times are seconds since the year began, as time really goes by.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from operator import attrgetter
from random import Random

from emulators.exchange_errors import DOCUMENTED_ERRORS, DocumentedError
from emulators.exchange_faults import WRONG_BODIES, Fault

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


class Oddity(Enum):
    """A ticker that is one, and says something strange."""

    CROSSED = "the bid above the ask"
    WIDE = "a wide book"
    OFF_BOOK = "a last price far outside the book"
    STALE = "a time long ago"
    FUTURE = "a time to come"
    OUTLIER = "a price far from everybody else's"
    OUT_OF_RANGE = "a price that cannot be"
    SILENT = "nothing, for as long as one waits"


Trouble = DocumentedError | Fault | Oddity
DROPPED = (Fault.DROPPED_BEFORE, Fault.DROPPED_WITHIN)


@dataclass(frozen=True)
class Episode:
    """One exchange answers in one way, from `begins` to before `ends`."""

    begins: float
    ends: float
    trouble: Trouble


class Kind(Enum):
    """What can happen to the machine, or to the process on it."""

    CLOCK_SET = "somebody sets the clock, or the machine is suspended"
    CLOCK_SLEWED = "a time service corrects the clock"
    FROZEN = "the process is stopped for a while"
    DISK_FULL = "no write is taken"
    DISK_TORN = "writes are taken in part"
    DISK_READ_ONLY = "nothing can be written or created"
    DISK_FINE = "the disk is as it should be again"
    ESCAPE = "an error that nobody foresaw, between two ticks"
    BROKEN_WRITE = "the same, within a tick"
    RESTART = "the process ends in order, and another one starts"
    KILL = "the process is killed, and another one starts"


@dataclass(frozen=True)
class Incident:
    """Something happens to the machine at `at`; `seconds` says how far, or for how long."""

    at: float
    kind: Kind
    seconds: float = 0


@dataclass(frozen=True)
class Plan:
    """The whole of it: episodes by exchange in the order of time, and incidents likewise."""

    seconds: float
    episodes: dict[str, list[Episode]] = field(default_factory=dict)
    incidents: list[Incident] = field(default_factory=list)

    def trouble(self, exchange: str, at: float) -> Trouble | None:
        """What is wrong with the exchange now."""
        episodes = self.episodes[exchange]
        found = bisect_right(episodes, at, key=attrgetter("begins")) - 1
        return episodes[found].trouble if found >= 0 and at < episodes[found].ends else None


def draw(days: float, exchanges: Sequence[str], seed: int) -> Plan:
    """A plan of so many days."""
    random = Random(seed)  # noqa: S311  a simulation, no secret
    seconds = days * DAY
    outages = list(_outages(random, seconds))
    episodes = {name: _episodes(random, name, seconds, outages) for name in exchanges}
    return Plan(seconds, episodes, _incidents(random, seconds))


def _outages(random: Random, seconds: float) -> Iterator[Episode]:
    """The network is gone, for all exchanges at once."""
    at = 5 * DAY
    while (at := at + random.expovariate(1 / (40 * DAY))) < seconds:
        ends = at + random.uniform(10 * MINUTE, 10 * HOUR)
        yield Episode(at, ends, Fault.DROPPED_BEFORE)
        at = ends


def _episodes(
    random: Random, exchange: str, seconds: float, outages: Sequence[Episode]
) -> list[Episode]:
    """Each kind of trouble in turn, between quiet days, around what all exchanges suffer."""
    errors = [error for error in DOCUMENTED_ERRORS if error.exchange == exchange]
    troubles: list[Trouble] = [*errors, *WRONG_BODIES, *DROPPED, *Oddity]
    random.shuffle(troubles)
    found, at = list(outages), 0.0
    quiet = seconds / len(troubles) / 2  # so that each has its turn within the year
    while troubles and (at := at + random.expovariate(1 / quiet)) < seconds:
        ends = at + random.choice((10 * MINUTE, HOUR, 6 * HOUR, DAY)) * random.uniform(0.5, 1.5)
        if all(ends < outage.begins or outage.ends < at for outage in outages):
            found.append(Episode(at, ends, troubles.pop()))
        at = ends
    return sorted(found, key=attrgetter("begins"))


def _incidents(random: Random, seconds: float) -> list[Incident]:
    """Something every few days; a disk that fails is fine again after a while."""
    draws: dict[Kind, Callable[[], float]] = {
        Kind.CLOCK_SET: lambda: random.choice((-1, 1)) * random.uniform(1, 5 * HOUR),
        Kind.CLOCK_SLEWED: lambda: random.uniform(-0.4, 0.4),
        Kind.FROZEN: lambda: random.uniform(1, 2 * HOUR),
        Kind.DISK_FULL: lambda: random.uniform(HOUR, 4 * DAY),
        Kind.DISK_TORN: lambda: random.uniform(HOUR, DAY),
        Kind.DISK_READ_ONLY: lambda: random.uniform(HOUR, DAY),
        Kind.ESCAPE: lambda: 0,
        Kind.BROKEN_WRITE: lambda: 0,
        Kind.RESTART: lambda: random.uniform(10, HOUR),
        Kind.KILL: lambda: random.uniform(10, HOUR),
    }
    found, at, kinds = [], 0.0, list(draws)
    while (at := at + random.expovariate(1 / (2 * DAY))) < seconds:
        kind = random.choice(kinds)
        length = draws[kind]()
        found.append(Incident(at, kind, length))
        if kind.name.startswith("DISK"):
            found.append(Incident(at + length, Kind.DISK_FINE))
    return sorted(found, key=attrgetter("at"))
