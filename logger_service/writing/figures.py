"""How a writer stands, for people and for their instruments."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from record.state import Last, Parked
from writing.tally import Tally


@dataclass(frozen=True)
class Figures:
    """Of a user's own logger only the first three are known.

    `missing` counts rows by source and cause; where no source can be told, its name is empty.
    """

    kind: str  # "recorder" or "logger command"
    is_running: bool = True
    starts: int = 1
    sources: tuple[str, ...] = ()
    tally: Tally | None = None
    last: Mapping[str, Last] = field(default_factory=dict)  # row, by source
    parked: Mapping[str, Parked] = field(default_factory=dict)  # by source; some may be over
    given: Mapping[str, int] = field(default_factory=dict)  # rows, by source
    missing: Mapping[tuple[str, str], int] = field(default_factory=dict)
    last_row_at: datetime | None = None  # of the newest row on disk
    disk_refuses: bool = False
