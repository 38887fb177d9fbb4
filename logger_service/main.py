"""The logger: one process that records prices and shows what it has to the backup function.

It owns its writer, its web server and its signals, so no platform's way of starting servers can
multiply or kill the writer.
"""

import early_end  # noqa: F401  its import is what it is for

# isort: split
import logging
import sys
from datetime import UTC, datetime
from secrets import token_hex
from threading import Thread
from typing import Any

from assembly import Parts, assemble
from dashboard.problem_page import problem_page
from lifetime import Lifetime
from routes import all_routes
from running_mark import RunningMark
from serving.web_server import addresses, create_app, open_server
from shared.delivery import Delivery, open_delivery
from shared.errors import BadSettings
from shared.freed_memory import give_back_freed_chunks
from shared.names import timestamp
from shared.settings import LoggerSettings, load
from shared.told import Message
from start_outcome import StartOutcome, judge_start, may_start
from writing.writer import what_writes

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
            _tell_of_refused_start(delivery, start)
            return start.exit_code or 1
        lifetime, instance = Lifetime(settings.shutdown_seconds), token_hex(4)
        parts = assemble(settings, instance, start, delivery, lifetime)
        server = open_server(settings, create_app(all_routes(parts, lifetime.asked), problem_page))
    except BadSettings as error:
        log.critical("%s", error)
        return 2
    _say_what_starts(settings, instance, server)
    mark = RunningMark(settings.data_dir)
    if found := mark.set(instance):
        parts.events.report("unclean exit", found)
    code = run(lifetime, parts, server)
    mark.remove()
    return lifetime.leave(code)


def _tell_of_refused_start(delivery: Delivery, start: StartOutcome) -> None:
    title, at = "did not start without its history", timestamp(datetime.now(UTC))
    delivery.deliver([Message(title=title, body=start.sentence, at=at)], ALERT_SECONDS)


def _say_what_starts(settings: LoggerSettings, instance: str, server: Any) -> None:
    log.info(
        "instance %s %s into %s and listens on %s",
        instance,
        what_writes(settings),
        settings.data_dir.absolute(),
        addresses(server),
    )


def run(lifetime: Lifetime, parts: Parts, server: Any) -> int:
    """Write and serve until the end is asked for, and what is beside that; the exit code."""
    serving = Thread(target=server.run, name="server", daemon=True)
    try:
        parts.alerting.start()
        if not lifetime.asked.is_set():
            parts.own_backups.start()
            parts.writer.start()
            for one in parts.beside:
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
        for one in parts.beside:
            one.stop()
        end(lifetime, parts, server)


def end(lifetime: Lifetime, parts: Parts, server: Any) -> None:
    """The writer stops first, then what it wrote is pushed, and the server answers meanwhile."""
    log.info("%s: the end begins", lifetime.why)
    parts.own_backups.stop()
    lifetime.under_way = "stopping the writer"
    try:
        parts.writer.stop()
    except Exception:  # what is on the disk is pushed all the same
        log.exception("the writer did not stop as it should")
    lifetime.under_way = "the final push"
    margin = min(MARGIN * lifetime.seconds_left, 1)
    parts.own_backups.finish(lifetime.seconds_left - margin - lifetime.reserved)
    lifetime.under_way = "stopping the server"
    server.task_dispatcher.shutdown(timeout=margin / 2)
    lifetime.under_way = "the last alerts"
    parts.alerting.finish(min(lifetime.seconds_left / 2, lifetime.reserved))
    log.info("stopped; %s", parts.writer.summary())


if __name__ == "__main__":
    sys.exit(main())
