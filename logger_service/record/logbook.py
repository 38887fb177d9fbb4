"""What becomes of a tick's quotes: odd ones are flagged, all are written, and the state is saved.

The rows are on disk first; the state is for those who look.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from judging.consensus import consensus
from judging.deviation import Deviations
from judging.limits import Limits
from judging.sanity import flagged
from market.quote import Quote
from record.price_files import PriceFiles
from record.state import Parked, State
from record.state_file import StateFile


class Logbook:
    """Files that hold the rows, and how things stand after the newest tick.

    `stale_after` has, by source, the seconds after which its own time is old; `state` is what an
    earlier process left, until the first tick.
    """

    def __init__(
        self,
        files: PriceFiles,
        state_file: StateFile,
        state: State,
        limits: Limits,
        stale_after: Mapping[str, float | None],
    ) -> None:
        self.files = files
        self.state = state
        self._state_file = state_file
        self._limits, self._stale_after = limits, stale_after
        self._deviations = Deviations(limits.deviation_warning_bps)

    def enter(self, at: datetime, quotes: Sequence[Quote], parked: Mapping[str, Parked]) -> None:
        """Take the quotes of the tick at this time, and which sources are left alone after it."""
        rows = flagged(quotes, self._limits, self._stale_after)
        self.files.write(rows)
        self._deviations.look_at(rows)
        self.state = self.state.after(consensus(at, rows), rows, parked)
        self._state_file.save(self.state)
