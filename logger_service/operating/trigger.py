"""A backup because somebody asks for one: to every provider at once."""

from collections.abc import Sequence
from functools import partial
from threading import Event

from operating.background_job import Work
from operating.job_progress import JobProgress
from operating.several import Told, all_told, cut, told_of
from pushing.destination import Destination
from shared.parallel import in_background
from shared.progress import Progress
from shared.time_limit import TimeLimit

REASON = "manual"
LONGEST_SECONDS = 3600.0  # for one push
_TOLD = (
    "result",
    "number",
    "created_at",
    "files",
    "raw_bytes",
    "new_bytes",
    "stored_bytes",
    "rewritten",
    "changed",
    "later",
    "warnings",
    "seconds",
)


def trigger(destinations: Sequence[Destination], stop: Event) -> Work:
    """Push to all of them until `stop` is set: then what has come by then is kept."""

    def work(progress: JobProgress) -> object:
        pushes = [
            (one.address, in_background(partial(_push, one, stop, progress.part())))
            for one in destinations
        ]
        return all_told([told_of(address, push.result) for address, push in pushes])

    return work


def _push(destination: Destination, stop: Event, progress: Progress) -> Told:
    limit = TimeLimit(LONGEST_SECONDS, stop)
    report = destination.push_newest_first(REASON, limit, progress).report.as_dict()
    return cut({name: report[name] for name in _TOLD})
