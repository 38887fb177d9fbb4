"""How things stood when the last logger here ended: what a starting one begins with.

The rows are the truth. The state file only saves making it again from them, and remembers which
sources were to be left alone.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from judging.consensus import Consensus, consensus
from market.quote import Quote
from record.newest_rows import last_tick, newest_rows
from record.state import Last, Parked, State, last_rows
from record.state_file import StateFile


def last_state(data_dir: Path, instance: str, interval_seconds: float, now: datetime) -> State:
    """The state that this instance goes on from; without a price if nothing is known."""
    file = StateFile(data_dir)
    file.sweep()
    found = file.read()
    rows = newest_rows(data_dir, interval_seconds)
    parked = _still_parked(found.parked, now) if found else {}
    if found and (not rows or rows[-1].observed_at <= found.newest):
        return found.model_copy(update={"instance": instance, "parked": parked})
    agreed = _rebuilt(rows, interval_seconds) or Consensus(now, None, (), None)
    return State.of(instance, agreed, _newest(found.last if found else {}, rows), parked)


def _newest(known: Mapping[str, Last], rows: list[Quote]) -> dict[str, Last]:
    both = [*known.items(), *last_rows(rows).items()]
    return dict(sorted(both, key=lambda entry: entry[1].ts_utc))  # the newer one counts


def _still_parked(parked: Mapping[str, Parked], now: datetime) -> dict[str, Parked]:
    return {source: entry for source, entry in parked.items() if entry.until > now}


def _rebuilt(rows: list[Quote], interval_seconds: float) -> Consensus | None:
    if not rows:
        return None
    return consensus(rows[-1].observed_at, last_tick(rows, interval_seconds))
