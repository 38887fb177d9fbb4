"""Beginning what a person has asked for: a second press of a button begins no second job."""

from operating.background_job import BackgroundJob, Work
from operating.background_jobs import BackgroundJobs
from operating.orders import Order


def begin(jobs: BackgroundJobs, kind: str, order: Order, work: Work) -> tuple[BackgroundJob, bool]:
    """The job, and whether it is a new one; raises BackupError at the process's end."""
    before = {job.id for job in jobs.newest_first()}
    job = jobs.begin(kind, order.asked, work)
    return job, job.id not in before
