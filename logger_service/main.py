"""The logger: one process that records prices and shows what it has to the backup function.

It owns its writer, its web server and its signals, so no platform's way of starting servers can
multiply or kill the writer.
"""

import logging
import os
import signal
import sys
from pathlib import Path
from secrets import token_hex
from threading import Thread
from types import FrameType
from typing import Any

import waitress
from flask import Flask

from critical_events import CriticalEvents
from problem import answer_problems
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
SIGNAL_SECONDS = 1  # at most, until a signal is seen
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
log = logging.getLogger("logger")


def main() -> int:
    """Run until SIGTERM or SIGINT; 0 then, 2 for bad settings.

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
        instance = token_hex(4)
        writer = open_writer(settings, instance, CriticalEvents())
        _make_data_directory(settings.data_dir.absolute())
        server = open_server(settings, create_app(settings, writer, instance))
    except BadSettings as error:
        log.critical("%s", error)
        return 2
    for number in _SIGNALS:
        signal.signal(number, _stop)
    _say_what_starts(settings, instance, server)
    return run(server, writer)


def _make_data_directory(directory: Path) -> None:
    try:
        make_directory(directory)
    except OSError as error:
        raise BadSettings(
            f"DATA_DIR: {directory} cannot be made a directory: {error.strerror}",
            name=str(directory),
        ) from error


def create_app(settings: LoggerSettings, writer: Writer, instance: str) -> Flask:
    """The web application around a writer."""
    archive = f"gs://{settings.gcs_bucket_name}/{settings.prefix}"
    source = DirectorySource(
        settings.data_dir,
        Selection(settings.backup_include, settings.backup_exclude),
        Identity(settings.service_name, instance, archive if settings.gcs_bucket_name else None),
        writer.own_paths,
    )
    app = Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False  # a path with // is unknown, not redirected
    app.register_blueprint(snapshot_routes(settings, source))
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


def run(server: Any, writer: Writer) -> int:
    """Write and serve until a signal; the writer stops first, while the server still answers."""
    serving = Thread(target=server.run, name="server", daemon=True)
    try:
        writer.start()
        serving.start()
        while serving.is_alive():
            # Not for ever: a signal that another thread took does not wake this one.
            serving.join(SIGNAL_SECONDS)
        log.critical("the web server has ended by itself")
        return 1
    finally:
        writer.stop()
        server.task_dispatcher.shutdown()
        log.info("stopped; %s", writer.summary())
        logging.shutdown()


def _stop(number: int, _frame: FrameType | None) -> None:
    """End what the main thread waits for; a second signal would cost the last rows."""
    for each in _SIGNALS:
        # Not SIG_IGN: a program that the writer starts right now would inherit that.
        signal.signal(each, _do_nothing)
    os.write(sys.stderr.fileno(), f"{signal.Signals(number).name} received\n".encode())
    raise SystemExit(0)


def _do_nothing(_number: int, _frame: FrameType | None) -> None:
    """Take a signal when the end has begun."""


if __name__ == "__main__":
    sys.exit(main())
