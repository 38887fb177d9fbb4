"""Run the whole system here until Ctrl-C, with a backup every few seconds.

What it records and backs up stays under `.local/run`, and the next run restores it.
"""

import argparse
import fcntl
import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any, TextIO

from processes import ROOT, NotStarted, Program
from system import EMULATORS, USUAL_PORTS, LocalSystem

BACKUP_SECONDS = 10
POLL_SECONDS = 0.2
RECORDER = {"PRICE_SOURCES": "replay", "LOG_INTERVAL_SECONDS": "1", "REPLAY_SPEED": "60"}


def main() -> int:
    """Restore, start everything, tell of each backup; 0 after Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--provider", choices=("local", "gcs"), default="local")
    provider = parser.parse_args().provider
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # HUP: the terminal is closed
        signal.signal(number, lambda *_: stop.set())
    folder = ROOT / ".local" / "run"
    folder.mkdir(parents=True, exist_ok=True)
    recorder = {name: os.environ.get(name) or value for name, value in RECORDER.items()}
    try:
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with LocalSystem(folder, provider, recorder, ports=USUAL_PORTS) as system:
                return run(system, stop)
    except BlockingIOError:
        print(f"another `make run` uses {folder.relative_to(ROOT)}; end it first", file=sys.stderr)
    except NotStarted as error:
        print(error, file=sys.stderr)
    return 1


def run(system: LocalSystem, stop: Event) -> int:
    """What the platform does at a start, then backups until told to stop."""
    done = system.restore()
    print(f"restore job: {done.stdout}{done.stderr}".strip(), flush=True)
    system.start()
    log = system.folder / "logs" / "scheduler.log"
    words = [str(EMULATORS / "scheduler.py"), system.function_url, "--every", str(BACKUP_SECONDS)]
    scheduler = Program(words, system.folder, system.environment, log)
    try:
        print(addresses(system), flush=True)
        return follow(system, scheduler, log, stop)
    finally:
        scheduler.stop()
        print("stopping ...", flush=True)


def addresses(system: LocalSystem) -> str:
    """What a person can look at; the token stays in its file."""
    token = f"$(cat {system.token_file.relative_to(ROOT)})"
    return f"""
dashboard    {system.logger_url}/dashboard
snapshot     curl -H "Authorization: Bearer {token}" {system.logger_url}/snapshot
function     curl -X POST {system.function_url} -d '{{"action": "status"}}'
data         {system.data.relative_to(ROOT)}
backups      {(system.folder / "backups").relative_to(ROOT)}
logs         {(system.folder / "logs").relative_to(ROOT)}

a backup every {BACKUP_SECONDS} s; Ctrl-C ends it
"""


def follow(system: LocalSystem, scheduler: Program, log: Path, stop: Event) -> int:
    """Print a line for each attempt of the scheduler; 1 if a program ends by itself."""
    with log.open() as attempts:
        while not stop.wait(POLL_SECONDS):
            for line in whole_lines(attempts):
                print(describe(json.loads(line)), flush=True)
            if not (system.running() and scheduler.is_running):
                print(f"a program has ended; see {log.parent}", file=sys.stderr)
                return 1
    return 0


def whole_lines(log: TextIO) -> Iterator[str]:
    """The lines that have come since; one that is still being written comes next time."""
    while True:
        start = log.tell()
        line = log.readline()
        if not line.endswith("\n"):
            log.seek(start)
            return
        yield line


def describe(attempt: dict[str, Any]) -> str:
    """One line about a backup, or what went wrong."""
    report = attempt["answer"]
    if attempt["status"] != 200:
        said = report.get("message") if isinstance(report, dict) else report
        return f"{attempt['schedule_time']}  answered {attempt['status']}: {said}"
    wire = report["wire_bytes"]
    return (
        f"{attempt['schedule_time']}  backup {report['number']}: {report['result']}, "
        f"{report['files']} files, {report['raw_bytes']:,} bytes, {report['new_bytes']:,} new, "
        f"{wire['data'] + wire['listing']:,} over the wire, {attempt['seconds']:.2f} s"
    )


if __name__ == "__main__":
    sys.exit(main())
