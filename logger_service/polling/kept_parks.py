"""Pauses across a restart: a process that ends leaves them to the next one, by the wall clock.

Within a process they are told by a clock that nobody sets; a restart is no way around a ban.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from market.unavailable import Cause
from polling.parking import LONGEST_REQUEST, Park
from record.state import Parked


def to_state(parks: Mapping[str, Park], now: datetime, monotonic: float) -> dict[str, Parked]:
    """Pauses as the state has them; `now` and `monotonic` are one moment by two clocks."""
    return {
        name: Parked(now + timedelta(seconds=park.until - monotonic), park.cause, park.reason)
        for name, park in parks.items()
    }


def from_state(parked: Mapping[str, Parked], now: datetime, monotonic: float) -> dict[str, Park]:
    """The same pauses again; one for a cause that only another version knows is passed over.

    None is longer than a source may ask for: the wall clock may have been set back since.
    """
    parks = {}
    for name, entry in parked.items():
        with suppress(ValueError):
            left = min((entry.until - now).total_seconds(), LONGEST_REQUEST)
            parks[name] = Park(monotonic + left, Cause(entry.cause), entry.reason)
    return parks
