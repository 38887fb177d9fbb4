"""The parts of a logger, put together: who watches whom, and what is answered over HTTP."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint

from alerting.alerting import Alerting
from alerting.job_ends import JobEnds
from alerting.opening import last_word_seconds, open_alerting
from catching_up.catch_up import CatchUp
from critical_events import CriticalEvents
from health.health import Health
from lifetime import Lifetime
from metrics.metered import Metered
from operating.background_job import BackgroundJob, State
from operating.background_jobs import BackgroundJobs
from operating.operations import Operations
from pushing.own_backups import OwnBackups, Schedule, open_own_backups
from serving.access import Access
from serving.archive_routes import Backups, archive_routes
from serving.backup_routes import backup_routes
from serving.data_routes import data_routes
from serving.health_routes import health_routes
from serving.idle_readers import let_go_of_idle_readers
from serving.job_routes import job_routes
from serving.metrics_route import metrics_route
from serving.snapshot_routes import snapshot_routes
from serving.web_server import create_app, open_server
from shared.delivery import Delivery
from shared.directory_source import DirectorySource, Identity
from shared.durable_file import make_directory
from shared.errors import BadSettings
from shared.selection import Selection
from shared.settings import LoggerSettings
from start_outcome import StartOutcome
from watched import Watched
from watching.archive_watch import ArchiveWatch
from writing.writer import Writer, open_writer

FRESH_SECONDS = 2.0  # for a look at what a job has left in the providers, before its end is told


@dataclass(frozen=True)
class Parts:
    """What is started, and ended in order."""

    writer: Writer
    own_backups: OwnBackups
    beside: tuple[Schedule, ...]  # what looks at providers meanwhile
    alerting: Alerting
    events: CriticalEvents
    server: Any


def assemble(
    settings: LoggerSettings,
    instance: str,
    start: StartOutcome,
    delivery: Delivery,
    lifetime: Lifetime,
) -> Parts:
    """Nothing runs yet, but the server listens; raises BadSettings."""
    events = CriticalEvents()
    writer = open_writer(settings, instance, events)
    lifetime.also_end(writer.kill)
    _make_data_directory(settings)
    catch_up, watch = CatchUp(settings, instance, writer.own_paths), ArchiveWatch(settings)
    directory = _directory(settings, instance, writer, catch_up)
    own_backups = open_own_backups(settings, instance, directory, events)
    health = Health(
        Watched(
            settings,
            instance,
            datetime.now(UTC),
            start,
            figures=writer.figures,
            catch_up=lambda: catch_up.status,
            standings=lambda: own_backups.standings,
            archives=lambda: watch.archives,
        )
    )
    lifetime.reserved = last_word_seconds(settings)
    alerting = open_alerting(health, events, delivery, lifetime.asked)

    def look_at_what_it_left(_job: BackgroundJob) -> None:
        watch.refresh(FRESH_SECONDS, whole=True)

    jobs = BackgroundJobs(lifetime.asked, [look_at_what_it_left, JobEnds(alerting).take])
    operations = Operations(settings, own_backups.destinations, catch_up.turn, lifetime.asked)
    backups = Backups(health, watch, lambda: own_backups.next_local_at, lambda: _running(jobs))
    access = Access(settings)
    metered = Metered(
        health,
        events=lambda: events.by_kind,
        failed_logins=lambda: access.failed_logins.count,
        jobs=lambda: jobs.ended,
    )
    server = _listening(
        settings,
        [
            snapshot_routes(settings, directory),
            health_routes(health, access),
            archive_routes(backups, access),
            backup_routes(access, operations, jobs),
            job_routes(access, jobs),
            data_routes(settings, access),
            metrics_route(metered, access),
        ],
    )
    return Parts(writer, own_backups, (catch_up, watch), alerting, events, server)


def _make_data_directory(settings: LoggerSettings) -> None:
    directory = settings.data_dir.absolute()
    try:
        make_directory(directory)
    except OSError as error:
        raise BadSettings(
            f"DATA_DIR: {directory} cannot be made a directory: {error.strerror}",
            name=str(directory),
        ) from error


def _directory(
    settings: LoggerSettings, instance: str, writer: Writer, catch_up: CatchUp
) -> DirectorySource:
    """The data directory as everyone here backs it up."""
    return DirectorySource(
        settings.data_dir,
        Selection(settings.backup_include, settings.backup_exclude),
        Identity(settings.service_name, instance, settings.bucket_address),
        writer.own_paths,
        lambda: settings.auto_restore_on_startup and not catch_up.status.is_whole,
    )


def _running(jobs: BackgroundJobs) -> list[dict[str, object]]:
    return [job.as_dict() for job in jobs.newest_first() if job.state is State.RUNNING]


def _listening(settings: LoggerSettings, routes: Iterable[Blueprint]) -> Any:
    server = open_server(settings, create_app(routes))
    let_go_of_idle_readers(server)
    return server
