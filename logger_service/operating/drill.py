"""A drill because somebody asks for one: each provider's newest backup is read back whole."""

from collections.abc import Sequence
from functools import partial
from itertools import islice
from threading import Event

from operating.background_job import Work
from operating.failure import JobFailed
from operating.job_progress import JobProgress
from operating.places import Place
from operating.several import Told, all_told, told_of
from shared.drill import DrillOptions
from shared.drill import drill as drill_archive
from shared.drill_report import DrillReport, store_report, unfinished
from shared.progress import Progress
from shared.settings import LoggerSettings
from shared.time_limit import TimeLimit

MOST_NAMED = 20  # files that are lost, of which the stored report names all


def drill(settings: LoggerSettings, places: Sequence[Place], stop: Event) -> Work:
    """Prove one after the other until `stop` is set; each verdict is kept with the backups."""

    def work(progress: JobProgress) -> object:
        parts = [(place, progress.part()) for place in places]
        return all_told(
            [
                told_of(place.address, partial(_drill, settings, place, part, stop))
                for place, part in parts
            ]
        )

    return work


def _drill(settings: LoggerSettings, place: Place, progress: Progress, stop: Event) -> Told:
    provider = place.open()
    options = DrillOptions(
        unfinished=unfinished(provider),
        limit=TimeLimit(None, stop),
        threads=settings.transfer_threads,
    )
    report = drill_archive([provider], settings.service_name, options, progress)
    stored = store_report(provider, report) if report.backups else ""
    told = {**_told(report), "stored_as": stored}
    if report.result != "failed":
        return told
    faults = [*report.unreachable, *report.unreadable, *report.lost.values()]
    raise JobFailed(
        f"the drill failed: {faults[0]}" if faults else "the drill failed",
        told,
        hint="The function's next drill has lost chunks stored again while this logger has them",
    )


def _told(report: DrillReport) -> Told:
    return {
        "result": report.result,
        "number": report.number,
        "started_at": report.started_at,
        "seconds": report.seconds,
        "files": report.files,
        "versions": report.versions,
        "raw_bytes": report.raw_bytes,
        "lost": dict(islice(report.lost.items(), MOST_NAMED)),
        "lost_files": len(report.lost),
        "lost_chunks": len(report.lost_chunks),
        "unreachable": report.unreachable,
        "unreadable": report.unreadable,
        "warnings": report.warnings,
    }
