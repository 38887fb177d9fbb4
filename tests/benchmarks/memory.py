"""The most memory that a pull, a push, a drill and a restore of so many bytes take.

Real processes do the work over loopback; only Cloud Storage is simulated. It ends in one JSON
line, and fails when a peak is above the limit, a byte was read twice, or a file came back changed.
"""

import argparse
import hashlib
import json
import shutil
import signal
import subprocess
import sys
import tempfile
from os import getpid
from pathlib import Path
from time import monotonic

if __name__ == "__main__":  # started as a script, Python looks in this folder alone
    _ROOT = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(_ROOT / "tests"), str(_ROOT / "deploy" / "local")]

import psutil

from benchmarks import price_history
from benchmarks.measured_steps import (
    MEGABYTE,
    Failed,
    Figures,
    drill,
    pull,
    push,
    restore,
    say,
)
from processes import ROOT, NotStarted
from system import LocalSystem

LIMIT = 150  # MB, for a pull or a restore of any size
CALL_SECONDS = 5  # for one call of the function: little, so that a long pull takes several
CALL_LIMIT = "CALL_TIMEOUT_SECONDS"
HISTORY = "history"  # the folder in DATA_DIR that is measured with
ROLES = {  # whose peak each step tells
    "pull": ("function", "logger"),
    "push": ("logger",),
    "drill": ("function",),
    "restore": ("restore_job",),
}
SPARE = 200 * MEGABYTE  # for the jobs' folders, logs and the like
# The recorder works as ever, but how many rows it writes meanwhile is not to be counted.
SETTINGS = {
    "PRICE_SOURCES": "replay",
    "LOG_INTERVAL_SECONDS": "1",
    "BACKUP_EXCLUDE": "BTC-USD/*",
    "RESTORE_TIMEOUT_SECONDS": "3600",
    "SHUTDOWN_SECONDS": "1",  # its own push at its end is not measured
}


def main() -> int:
    """Measure; 0 if nothing fell short, 1 if something did, 2 if it cannot be measured here."""
    arguments = _arguments()
    for number in (signal.SIGTERM, signal.SIGHUP):  # as Ctrl-C: what was started stops
        signal.signal(number, lambda *_: sys.exit(1))
    local = ROOT / ".local"
    local.mkdir(exist_ok=True)
    if fault := _fault_of_this_machine(local, arguments.size):
        _fail(fault)
        return 2
    folder = Path(tempfile.mkdtemp(prefix=f"memory-{getpid()}-", dir=local))
    try:
        limit = {CALL_LIMIT: f"{arguments.call_seconds:g}"}
        with LocalSystem(folder, "gcs", SETTINGS | limit) as system:
            figures = measure(system, arguments.size)
    except (Failed, NotStarted) as error:
        _fail(error)
        return 1
    finally:
        shutil.rmtree(folder)
    faults = shortfalls(figures, arguments.limit)
    for fault in faults:
        _fail(fault)
    say(json.dumps(figures | {"limit": arguments.limit}))
    return 1 if faults else 0


def _fail(fault: object) -> None:
    print(f"FAILED: {fault}", file=sys.stderr)  # noqa: T201  as `say` for what went wrong


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=price_history.parse_size, default="1g", metavar="SIZE")
    parser.add_argument("--limit", type=float, default=LIMIT, metavar="MB")
    parser.add_argument("--call-seconds", type=float, default=CALL_SECONDS, metavar="SECONDS")
    return parser.parse_args()


def _fault_of_this_machine(folder: Path, size: int) -> str:
    """Why so much cannot be measured here, or nothing if it can."""
    if not Path("/proc/self/status").exists():
        return "peaks are read from /proc, which this system does not have"
    needs = {
        "disk": (shutil.disk_usage(folder).free, 2 * size + SPARE),  # the data, and restored
        "memory": (psutil.virtual_memory().available, size + SPARE),  # the simulated storage
    }
    for what, (free, needed) in needs.items():
        if free < needed:
            return f"too little {what}: {needed:,} bytes are needed, {free:,} are free"
    return ""


def measure(system: LocalSystem, size: int) -> Figures:
    """Do all of it once; what it took."""
    started = monotonic()
    history, restored = system.data / HISTORY, system.folder / "restored"
    say(f"making {size:,} bytes of history ...")
    make_history(history, size)
    figures: Figures = {"size": size, "files": len(list(history.iterdir()))}
    say(f"pull: the function backs the logger up, {system.environment[CALL_LIMIT]} s a call")
    figures["pull"] = pull(system, size)
    system.stop_function()
    system.stop_logger()
    shutil.rmtree(system.folder / "backups", ignore_errors=True)  # what it pushed there at its end
    say("push: a process of the logger's backs it up again, to another place")
    figures["push"] = push(system, size)
    say("drill: a fresh function proves the pulled backup")
    figures["drill"] = drill(system, size)
    system.stop_function()
    say("restore: the restore job brings it back, into an empty directory")
    figures["restore"] = restore(system, restored)
    say("comparing every file with the original, by SHA-256 ...")
    figures["fetched_twice"] = figures["pull"].pop("read_twice")
    figures["identical"] = digests(restored / HISTORY) == digests(history)
    return figures | {
        "simulated": ["Cloud Storage"],
        "seconds": round(monotonic() - started, 1),
    }


def make_history(folder: Path, size: int) -> None:
    """Fill it, by a process of its own: what this one had at once would count for its children."""
    words = [sys.executable, str(Path(price_history.__file__)), str(folder), str(size)]
    subprocess.run(words, check=True)


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below the folder, by its path there."""
    return {path.relative_to(folder).as_posix(): _digest(path) for path in folder.rglob("*.csv")}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def shortfalls(figures: Figures, limit: float) -> list[str]:
    """What the figures should not be."""
    faults = [
        f"{step}: {role} took {figures[step][role]} MB, at most {limit:g} expected"
        for step, roles in ROLES.items()
        for role in roles
        if figures[step][role] > limit
    ]
    if figures["fetched_twice"]:
        faults.append(f"pull: {figures['fetched_twice']} bytes more were fetched than there are")
    if figures["drill"]["read_twice"]:
        faults.append(
            f"drill: {figures['drill']['read_twice']} bytes more were read than there are"
        )
    if not figures["identical"]:
        faults.append("restore: files differ from the originals")
    return faults


if __name__ == "__main__":
    sys.exit(main())
