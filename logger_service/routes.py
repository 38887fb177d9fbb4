"""All that the logger answers over HTTP, and what it has done because somebody asks for it."""

from functools import partial
from threading import Event

from flask import Blueprint

from alerting.job_ends import JobEnds
from assembly import Parts
from browsing.stored_backups import StoredBackups
from dashboard.dashboard import dashboard
from metrics.metered import Metered
from operating.background_job import BackgroundJob
from operating.background_jobs import BackgroundJobs
from operating.operations import Operations
from serving.access import Access
from serving.archive_routes import archive_routes
from serving.backup_file_routes import backup_file_routes
from serving.backup_routes import backup_routes
from serving.backups import Backups
from serving.data_routes import data_routes
from serving.health_routes import health_routes
from serving.job_routes import job_routes
from serving.metrics_route import metrics_route
from serving.snapshot_routes import snapshot_routes
from serving.streams import Streams
from watching.archive_watch import ArchiveWatch

FRESH_SECONDS = 2.0  # for a look at what a job has left in the providers, before its end is told


def all_routes(parts: Parts, stop: Event) -> list[Blueprint]:
    """For the web server; the jobs that they begin end soon once `stop` is set."""
    settings, health = parts.settings, parts.health
    access = Access(settings)
    look = partial(_look_at_what_it_left, parts.watch)
    jobs = BackgroundJobs(stop, [look, JobEnds(parts.alerting).take])
    operations = Operations(settings, parts.own_backups.destinations, parts.catch_up.turn, stop)
    streams = Streams()
    stored = StoredBackups(settings, health.watched.archives)
    backups = Backups(health, parts.watch, parts.own_backups, jobs)
    return [
        *dashboard(backups, operations, access, stored, streams),
        snapshot_routes(settings, parts.directory),
        health_routes(health, access),
        archive_routes(backups, access),
        backup_routes(access, operations, jobs),
        job_routes(access, jobs),
        data_routes(settings, access, streams),
        backup_file_routes(stored, access, streams),
        metrics_route(Metered(health, parts.events, access.failed_logins, jobs), access),
    ]


def _look_at_what_it_left(watch: ArchiveWatch, _job: BackgroundJob) -> None:
    watch.refresh(FRESH_SECONDS, whole=True)
