"""The buttons of what a person may have done now, and what has become of it."""

from flask import render_template

from dashboard.job_shown import NAMES, last_change, shown
from dashboard.part import Part, Told
from operating.background_jobs import BackgroundJobs
from serving.backups import Backups

SECONDS = 5.0
FIRST = 5  # jobs that are shown at once; the rest can be opened


def jobs_part(backups: Backups) -> Part:
    """The buttons stay as they are while the jobs go on below."""
    return Part(
        "jobs",
        "Do it now",
        SECONDS,
        lambda: _told(backups.jobs),
        above=lambda: _buttons(backups),
    )


def _told(jobs: BackgroundJobs) -> Told:
    every = [shown(job) for job in jobs.newest_first()]
    return {
        "first": every[:FIRST],
        "rest": every[FIRST:],
        "is_any_running": any(job.is_running for job in every),
        "word": " ".join(f"{job.told['id']}-{job.told['state']}" for job in every) or "none",
        "last_change": last_change(every),
    }


def _buttons(backups: Backups) -> str:
    settings = backups.health.watched.settings
    newest = [state.newest for state in backups.watch.archives if state.newest]
    return render_template(
        "jobs/buttons.html",
        names=NAMES,
        settings=settings,
        drilled_bytes=sum(one.raw_bytes for one in newest) if newest else None,
    )
