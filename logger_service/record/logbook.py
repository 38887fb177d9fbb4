"""What becomes of a tick's quotes: odd ones are flagged, all are written, and the state is saved.

The rows are on disk first; the state is for those who look.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from judging.consensus import consensus
from judging.deviation import Deviations
from judging.limits import Limits
from judging.sanity import flagged
from market.quote import Quote, Source
from record.last_state import last_state
from record.price_files import PriceFiles
from record.state import Parked
from record.state_file import StateFile


class Logbook:
    """Files that hold the rows, and how things stand after the newest tick.

    A process that starts `now` goes on from the `state` that an earlier one left.
    """

    def __init__(
        self,
        files: PriceFiles,
        sources: Iterable[Source],
        limits: Limits,
        interval_seconds: float,
        now: datetime,
    ) -> None:
        self.files = files
        self.state = last_state(files.data_dir, files.instance, interval_seconds, now)
        self._state_file = StateFile(files.data_dir)
        self._limits = limits
        self._stale_after = {source.name: source.stale_after for source in sources}
        self._deviations = Deviations(limits.deviation_warning_bps)

    def enter(self, at: datetime, quotes: Sequence[Quote], parked: Mapping[str, Parked]) -> None:
        """Take the quotes of the tick at this time, and which sources are left alone after it."""
        rows = flagged(quotes, self._limits, self._stale_after)
        self.files.write(rows)
        self._deviations.look_at(rows)
        self.state = self.state.after(consensus(at, rows), rows, parked)
        self._state_file.save(self.state)
