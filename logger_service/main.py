"""The logger: one process that records prices and shows what it has to the backup function.

It owns its writer, its web server and its signals, so no platform's way of starting servers can
multiply or kill the writer.
"""

import early_end  # noqa: F401  its import is what it is for

# isort: split
import logging
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from threading import Thread
from typing import Any

from alerting.opening import Watched, moment, open_alerting
from catching_up.catch_up import CatchUp
from critical_events import CriticalEvents
from health.health import Health
from health.look import Watched
from lifetime import Lifetime
from metrics.metered import Metered
from operating.background_jobs import BackgroundJobs
from operating.operations import Operations
from pushing.own_backups import OwnBackups, Schedule, open_own_backups
from running_mark import RunningMark
from serving.access import Access
from serving.archive_routes import Backups, archive_routes
from serving.backup_routes import backup_routes
from serving.data_routes import data_routes
from serving.health_routes import health_routes
from serving.job_routes import job_routes
from serving.metrics_route import metrics_route
from serving.snapshot_routes import snapshot_routes
from serving.unread import let_go_of_idle_readers
from serving.web_server import addresses, create_app, open_server
from shared.delivery import open_delivery
from shared.directory_source import DirectorySource, Identity
from shared.durable_file import make_directory
from shared.errors import BadSettings
from shared.freed_memory import give_back_freed_chunks
from shared.names import timestamp
from shared.selection import Selection
from shared.settings import LoggerSettings, load
from shared.told import Message
from start_outcome import judge_start, may_start
from watching.archive_watch import ArchiveWatch
from writing.writer import Writer, open_writer, what_writes

LOOK_SECONDS = 1  # at whether the server still runs
ALERT_SECONDS = 10  # for an alert's first try, before a refused start ends
MARGIN = 0.1  # of the shutdown's time, a second at most, for what comes after the final push
log = logging.getLogger("logger")


def main() -> int:
    """Run until SIGTERM or SIGINT, which end the process with 0; 2 for bad settings.

    Where RESTORE_ON_FAILURE refuses the start, the restore job's exit code.
    """
    give_back_freed_chunks()
    logging.basicConfig(
        level=logging.INFO, stream=sys.stdout, format="%(asctime)s %(levelname)s %(message)s"
    )
    try:
        settings = load(LoggerSettings)
        delivery = open_delivery(settings.service_name, settings.notify_urls)
        start = judge_start(settings)
        if not may_start(settings, start):
            title, at = "did not start without its history", timestamp(datetime.now(UTC))
            delivery.deliver([Message(title=title, body=start.sentence, at=at)], ALERT_SECONDS)
            return start.exit_code or 1
        lifetime = Lifetime(settings.shutdown_seconds)
        instance = token_hex(4)
        events = CriticalEvents()
        writer = open_writer(settings, instance, events)
        lifetime.also_end(writer.kill)
        _make_data_directory(settings.data_dir.absolute())
        catch_up = CatchUp(settings, instance, writer.own_paths)
        directory = open_directory(settings, writer, instance, catch_up)
        own_backups = open_own_backups(settings, instance, directory, events)
        watch, access = ArchiveWatch(settings), Access(settings)
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
        jobs = BackgroundJobs(lifetime.asked)
        operations = Operations(settings, own_backups.destinations, catch_up.turn, lifetime.asked)
        backups = Backups(health, watch, lambda: own_backups.next_local_at)
        routes = [
            snapshot_routes(settings, directory),
            health_routes(health, access),
            archive_routes(backups, access),
            backup_routes(access, operations, jobs),
            job_routes(access, jobs),
            data_routes(settings, access),
            metrics_route(Metered(health, lambda: events.by_kind), access),
        ]
        server = open_server(settings, create_app(routes))
        let_go_of_idle_readers(server)
    except BadSettings as error:
        log.critical("%s", error)
        return 2
    _say_what_starts(settings, instance, server)
    mark = RunningMark(settings.data_dir)
    if found := mark.set(instance):
        events.report("unclean exit", found)
    alerting.start()
    code = run(lifetime, server, writer, own_backups, (catch_up, watch))
    lifetime.under_way = "the last alerts"
    alerting.finish(min(lifetime.seconds_left / 2, lifetime.reserved))
    mark.remove()
    return lifetime.leave(code)


def _make_data_directory(directory: Path) -> None:
    try:
        make_directory(directory)
    except OSError as error:
        raise BadSettings(
            f"DATA_DIR: {directory} cannot be made a directory: {error.strerror}",
            name=str(directory),
        ) from error


def open_directory(
    settings: LoggerSettings, writer: Writer, instance: str, catch_up: CatchUp
) -> DirectorySource:
    """The data directory as everyone here backs it up."""
    return DirectorySource(
        settings.data_dir,
        Selection(settings.backup_include, settings.backup_exclude),
        Identity(settings.service_name, instance, settings.bucket_address),
        writer.own_paths,
        lambda: settings.auto_restore_on_startup and not catch_up.status.is_whole,
    )


def _say_what_starts(settings: LoggerSettings, instance: str, server: Any) -> None:
    log.info(
        "instance %s %s into %s and listens on %s",
        instance,
        what_writes(settings),
        settings.data_dir.absolute(),
        addresses(server),
    )


def run(
    lifetime: Lifetime,
    server: Any,
    writer: Writer,
    own_backups: OwnBackups,
    beside: Sequence[Schedule],
) -> int:
    """Write and serve until the end is asked for, and what is beside that; the exit code."""
    serving = Thread(target=server.run, name="server", daemon=True)
    try:
        if not lifetime.asked.is_set():
            own_backups.start()
            writer.start()
            for one in beside:
                one.start()
        serving.start()
        while serving.is_alive() and not lifetime.asked.wait(LOOK_SECONDS):
            pass
        if serving.is_alive():
            return 0
        log.critical("the web server has ended by itself")
        return 1
    finally:
        lifetime.ask()
        for one in beside:
            one.stop()
        end(lifetime, server, writer, own_backups)


def end(lifetime: Lifetime, server: Any, writer: Writer, own_backups: OwnBackups) -> None:
    """The writer stops first, then what it wrote is pushed, and the server answers meanwhile."""
    log.info("%s: the end begins", lifetime.why)
    own_backups.stop()
    lifetime.under_way = "stopping the writer"
    try:
        writer.stop()
    except Exception:  # what is on the disk is pushed all the same
        log.exception("the writer did not stop as it should")
    lifetime.under_way = "the final push"
    margin = min(MARGIN * lifetime.seconds_left, 1)
    own_backups.finish(lifetime.seconds_left - margin - lifetime.reserved)
    lifetime.under_way = "stopping the server"
    server.task_dispatcher.shutdown(timeout=margin / 2)
    log.info("stopped; %s", writer.summary())


if __name__ == "__main__":
    sys.exit(main())
