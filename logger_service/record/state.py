"""What is known after a tick, for people and for the next start: one JSON object.

It says nothing that the rows do not say as well, except which sources are being left alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Self

from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, FiniteFloat, PlainSerializer

from judging.consensus import Consensus
from market.quote import Quote
from shared import document
from shared.document import Document
from shared.errors import TooNew
from shared.names import timestamp

FORMAT = 1


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("its time in UTC is outside of the calendar") from error


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc), PlainSerializer(timestamp)]
Price = Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)?$")]


@dataclass(frozen=True)
class Parked:
    """Until when a source is left alone, and why."""

    until: Moment
    cause: str
    reason: str


@dataclass(frozen=True)
class Last:
    """The newest row of a source."""

    price: Price
    ts_utc: Moment
    flags: str


class Agreed(Document):
    """The consensus; its time is the tick's."""

    price: Price | None
    n: int  # of sources that count
    sources: tuple[str, ...]
    dispersion_bps: FiniteFloat | None


class State(Document):
    """How things stand after one tick of one instance."""

    model_config = ConfigDict(title="state")

    format: int = FORMAT
    instance: str
    at: Moment  # of the tick
    consensus: Agreed
    last: dict[str, Last]  # by source
    parked: dict[str, Parked]  # by source

    @classmethod
    def of(
        cls,
        instance: str,
        consensus: Consensus,
        last: Mapping[str, Last],
        parked: Mapping[str, Parked],
    ) -> Self:
        """The state in which these are known."""
        agreed = Agreed(
            price=consensus.price,
            n=len(consensus.sources),
            sources=consensus.sources,
            dispersion_bps=consensus.dispersion_bps,
        )
        return cls(
            instance=instance,
            at=consensus.at,
            consensus=agreed,
            last=dict(sorted(last.items())),
            parked=dict(sorted(parked.items())),
        )

    def after(
        self, consensus: Consensus, rows: Iterable[Quote], parked: Mapping[str, Parked]
    ) -> Self:
        """The state after one more tick; a source that gave no row keeps its last one."""
        return self.of(self.instance, consensus, {**self.last, **last_rows(rows)}, parked)

    @property
    def newest(self) -> datetime:
        """The time of the newest thing in it."""
        return max([self.at, *(row.ts_utc for row in self.last.values())])


class _Marked(Document):
    model_config = ConfigDict(title="state")

    format: int = Field(ge=1)


def last_rows(rows: Iterable[Quote]) -> dict[str, Last]:
    """The last of these rows of each source."""
    return {row.source: Last(row.price, row.observed_at, row.flags) for row in rows}


def parse(data: bytes, name: str) -> State:
    """The state of a file's content.

    Raises:
        Malformed: naming the first fault.
        TooNew: another version wrote it, and what it says may mean something else.
    """
    found = document.parse(_Marked, data, name).format
    if found > FORMAT:
        raise TooNew(f"{name} has format {found}, and this logger reads {FORMAT}", name=name)
    return document.parse(State, data, name)
