"""The logger: one process that records prices and shows what it has to the backup function.

It owns its writer, its web server and its signals, so no platform's way of starting servers can
multiply or kill the writer.
"""

import logging
import sys
from pathlib import Path
from secrets import token_hex
from threading import Thread
from typing import Any

import waitress
from flask import Flask

from catching_up.catch_up import CatchUp
from critical_events import CriticalEvents
from lifetime import Lifetime
from problem import answer_problems
from pushing.own_backups import OwnBackups, open_own_backups
from running_mark import RunningMark
from shared.directory_source import DirectorySource, Identity
from shared.durable_file import make_directory
from shared.errors import BadSettings
from shared.freed_memory import give_back_freed_chunks
from shared.selection import Selection
from shared.settings import LoggerSettings, load
from snapshot_routes import snapshot_routes
from start_outcome import judge_start, may_start
from writing.writer import Writer, open_writer, what_writes

THREADS = 8  # of the web server: a pull uses four, the health check must never wait
LOOK_SECONDS = 1  # at whether the server still runs
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
        start = judge_start(settings)
        if not may_start(settings, start):
            return start.exit_code or 1
        lifetime = Lifetime(settings.shutdown_seconds)
        instance = token_hex(4)
        events = CriticalEvents()
        writer = open_writer(settings, instance, events)
        lifetime.also_end(writer.kill)
        _make_data_directory(settings.data_dir.absolute())
        directory = open_directory(settings, writer, instance)
        server = open_server(settings, create_app(settings, directory))
    except BadSettings as error:
        log.critical("%s", error)
        return 2
    own_backups = open_own_backups(settings, instance, directory, events)
    _say_what_starts(settings, instance, server)
    catch_up = CatchUp(settings, instance, writer.own_paths)
    mark = RunningMark(settings.data_dir)
    if found := mark.set(instance):
        events.report("unclean exit", found)
    code = run(lifetime, server, writer, own_backups, catch_up)
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


def open_directory(settings: LoggerSettings, writer: Writer, instance: str) -> DirectorySource:
    """The data directory as everyone here backs it up."""
    archive = f"gs://{settings.gcs_bucket_name}/{settings.prefix}"
    return DirectorySource(
        settings.data_dir,
        Selection(settings.backup_include, settings.backup_exclude),
        Identity(settings.service_name, instance, archive if settings.gcs_bucket_name else None),
        writer.own_paths,
    )


def create_app(settings: LoggerSettings, directory: DirectorySource) -> Flask:
    """The web application."""
    app = Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False  # a path with // is unknown, not redirected
    app.register_blueprint(snapshot_routes(settings, directory))
    app.add_url_rule("/health/live", view_func=_live)
    answer_problems(app)
    return app


def _live() -> dict[str, str]:
    """The platform's check: it depends on nothing outside this process."""
    return {"status": "alive"}


def open_server(settings: LoggerSettings, app: Flask) -> Any:
    """Waitress's server, listening; raises BadSettings where the address cannot be had."""
    try:
        return waitress.create_server(
            app, host=settings.host, port=settings.port, threads=THREADS, ident=None
        )
    except (OSError, ValueError) as error:  # the latter for a host that is none
        address = f"{settings.host}:{settings.port}"
        reason = error.strerror if isinstance(error, OSError) else error
        raise BadSettings(
            f"HOST, PORT: cannot listen on {address}: {reason}",
            name=address,
            hint="Another program may be there; PORT=0 takes any free port",
        ) from error


def _say_what_starts(settings: LoggerSettings, instance: str, server: Any) -> None:
    # With one address it has two attributes, with several a list.
    several = getattr(server, "effective_listen", None)
    addresses = several or [(server.effective_host, server.effective_port)]
    log.info(
        "instance %s %s into %s and listens on %s",
        instance,
        what_writes(settings),
        settings.data_dir.absolute(),
        ", ".join(f"{host}:{port}" for host, port in addresses),
    )


def run(
    lifetime: Lifetime, server: Any, writer: Writer, own_backups: OwnBackups, catch_up: CatchUp
) -> int:
    """Write and serve until the end is asked for; the exit code."""
    serving = Thread(target=server.run, name="server", daemon=True)
    try:
        if not lifetime.asked.is_set():
            own_backups.start()
            writer.start()
            catch_up.start()
        serving.start()
        while serving.is_alive() and not lifetime.asked.wait(LOOK_SECONDS):
            pass
        if serving.is_alive():
            return 0
        log.critical("the web server has ended by itself")
        return 1
    finally:
        lifetime.ask()
        catch_up.stop()
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
    own_backups.finish(lifetime.seconds_left - margin)
    lifetime.under_way = "stopping the server"
    server.task_dispatcher.shutdown(timeout=margin / 2)
    log.info("stopped; %s", writer.summary())


if __name__ == "__main__":
    sys.exit(main())
