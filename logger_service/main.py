"""The logger: one process that records prices and shows what it has to the backup function.

It owns its recorder thread, its web server and its signals, so no platform's way of starting
servers can multiply or kill the recorder.
"""

import logging
import os
import signal
import sys
from functools import partial
from pathlib import Path
from secrets import token_hex
from threading import Thread
from types import FrameType
from typing import Any

import waitress
from flask import Flask

from critical_events import CriticalEvents
from last_state import last_state
from limits import Limits
from logbook import Logbook
from polling import Poller
from price_files import PriceFiles
from problem import answer_problems
from recorder import Clocks, Recorder, deadline
from sanity import check_range
from shared.directory_source import DirectorySource, Identity
from shared.durable_file import make_directory
from shared.errors import BadSettings
from shared.freed_memory import give_back_freed_chunks
from shared.selection import Selection
from shared.settings import LoggerSettings, load
from snapshot_routes import snapshot_routes
from sources import open_sources
from state_file import StateFile

THREADS = 8  # of the web server: a pull uses four, the health check must never wait
SIGNAL_SECONDS = 1  # at most, until a signal is seen
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
log = logging.getLogger("logger")


def main() -> int:
    """Run until SIGTERM or SIGINT; 0 then, 2 for bad settings."""
    give_back_freed_chunks()
    logging.basicConfig(
        level=logging.INFO, stream=sys.stdout, format="%(asctime)s %(levelname)s %(message)s"
    )
    try:
        settings = load(LoggerSettings)
        _make_data_directory(settings.data_dir.absolute())
        instance = token_hex(4)
        recorder = open_recorder(settings, instance, CriticalEvents())
        server = open_server(settings, create_app(settings, recorder, instance))
    except BadSettings as error:
        log.critical("%s", error)
        return 2
    for number in _SIGNALS:
        signal.signal(number, _stop)
    _say_what_starts(settings, instance, server)
    return run(server, recorder)


def open_recorder(settings: LoggerSettings, instance: str, critical: CriticalEvents) -> Recorder:
    """The recorder of this process, which has not begun yet."""
    interval, limits, clocks = settings.log_interval_seconds, Limits.of(settings), Clocks()
    sources = open_sources(settings)
    poller = Poller(sources, deadline(interval), partial(check_range, limits=limits))
    files = PriceFiles(settings.data_dir, instance, settings.max_waiting_rows, critical.report)
    state = last_state(settings.data_dir, instance, interval, clocks.now())
    stale_after = {source.name: source.stale_after for source in sources}
    logbook = Logbook(files, StateFile(settings.data_dir), state, limits, stale_after)
    return Recorder(poller, logbook, interval, report=critical.report, clocks=clocks)


def _make_data_directory(directory: Path) -> None:
    try:
        make_directory(directory)
    except OSError as error:
        raise BadSettings(
            f"DATA_DIR: {directory} cannot be made a directory: {error.strerror}",
            name=str(directory),
        ) from error


def create_app(settings: LoggerSettings, recorder: Recorder, instance: str) -> Flask:
    """The web application around a recorder."""
    archive = f"gs://{settings.gcs_bucket_name}/{settings.prefix}"
    source = DirectorySource(
        settings.data_dir,
        Selection(settings.backup_include, settings.backup_exclude),
        Identity(settings.service_name, instance, archive if settings.gcs_bucket_name else None),
        recorder.own_paths,
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
        "instance %s records %s every %g s into %s and listens on %s",
        instance,
        ",".join(settings.price_sources),
        settings.log_interval_seconds,
        settings.data_dir.absolute(),
        ", ".join(f"{host}:{port}" for host, port in addresses),
    )


def run(server: Any, recorder: Recorder) -> int:
    """Record and serve until a signal; the recorder stops first, while the server still answers."""
    serving = Thread(target=server.run, name="server", daemon=True)
    try:
        recorder.start()
        serving.start()
        while serving.is_alive():
            # Not for ever: a signal that another thread took does not wake this one.
            serving.join(SIGNAL_SECONDS)
        log.critical("the web server has ended by itself")
        return 1
    finally:
        recorder.stop()
        server.task_dispatcher.shutdown()
        log.info("stopped; %d rows written", recorder.tally().rows_written)
        logging.shutdown()


def _stop(number: int, _frame: FrameType | None) -> None:
    """End what the main thread waits for; a second signal would cost the last rows."""
    for each in _SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    os.write(sys.stderr.fileno(), f"{signal.Signals(number).name} received\n".encode())
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())
