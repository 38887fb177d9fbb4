"""Seconds from the start command to the first row, for archives of several sizes.

The same archive is met three times: with the default limit, with a short one, and with none, as
a start would be that restores the whole history before anything else. An empty archive gives what
the programs themselves take. It ends in one JSON line, and fails when a limit was not kept.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

if __name__ == "__main__":  # started as a script, Python looks in this folder alone
    _ROOT = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(_ROOT / "tests"), str(_ROOT / "deploy" / "local")]

from benchmarks import price_history
from benchmarks.measured_steps import PUSH, Failed, Figures, say
from benchmarks.memory import make_history
from benchmarks.verdict import judge
from processes import ROOT, copy_job
from system import LocalSystem

DEFAULT_LIMIT, SHORT_LIMIT, NO_LIMIT = 30.0, 2.0, 3600.0  # RESTORE_TIMEOUT_SECONDS
STARTING = 3.0  # seconds that the programs themselves may take beyond that
LAST_CHUNK = 0.25  # share of the limit for which a chunk may end after it
PATIENCE_SECONDS = 600
POLL_SECONDS = 0.005
MEASURED = "seconds_to_first_row"
SETTINGS = {
    "PRICE_SOURCES": "replay",
    "LOG_INTERVAL_SECONDS": "0.1",  # little, because the first row waits for the grid
    "BACKUP_INTERVAL_MINUTES": "10080",
    "CATCH_UP_SECONDS": "1",
}


def main() -> int:
    """Measure; 0 if each first row came within the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "sizes", nargs="*", type=price_history.parse_size, default=[10_000_000, 1_000_000_000]
    )
    sizes = parser.parse_args().sizes

    def measured(folder: Path) -> Figures:
        return {MEASURED: measure(folder, sizes)}

    return judge("start-time", measured, lambda figures: shortfalls(figures[MEASURED]))


def measure(folder: Path, sizes: list[int]) -> Figures:
    """By size and limit, seconds to the first row and to the whole history."""
    figures: Figures = {}
    for size in (0, *sizes):
        with LocalSystem(folder / str(size), "gcs", SETTINGS) as system:
            history = _archive(system, size) if size else {}
            limits = (DEFAULT_LIMIT, SHORT_LIMIT, NO_LIMIT) if size else (DEFAULT_LIMIT,)
            figures[str(size)] = {f"{limit:g}": _start(system, history, limit) for limit in limits}
    return figures


def shortfalls(figures: Figures) -> list[str]:
    """Starts that took longer than their limit allows."""
    return [
        f"{size} bytes, limit {limit} s: the first row came after {start['first_row']} s"
        for size, starts in figures.items()
        for limit, start in starts.items()
        if start["first_row"] > float(limit) * (1 + LAST_CHUNK) + STARTING
    ]


def _archive(system: LocalSystem, size: int) -> dict[str, int]:
    """Back up so much history; size by path of its files, which are gone afterwards."""
    say(f"making and backing up {size:,} bytes of history ...")
    folder = copy_job("logger_service", system.folder / "jobs")
    shutil.copy(PUSH, folder)  # where it lies, Python finds `shared`
    make_history(system.data, size)
    words = [sys.executable, PUSH.name]
    subprocess.run(words, cwd=folder, env=system.environment, check=True, stdout=subprocess.DEVNULL)
    sizes = _sizes(system.data)
    shutil.rmtree(system.data)
    return sizes


def _start(system: LocalSystem, history: Mapping[str, int], limit: float) -> Figures:
    """One start on an empty disk."""
    with _started(system, limit) as process:
        began = monotonic()
        while not _rows(system.data):
            _wait(process, began)
        first = monotonic() - began
        while not _holds(system.data, history):
            _wait(process, began)
        whole = monotonic() - began
    shutil.rmtree(system.data)
    shutil.rmtree(system.folder / "backups", ignore_errors=True)
    figures = {"first_row": round(first, 2), "whole_history": round(whole, 2)}
    say(f"  limit {limit:g} s: {figures}")
    return figures


@contextmanager
def _started(system: LocalSystem, limit: float) -> Iterator["subprocess.Popen[bytes]"]:
    """The start script, in a copy of what is deployed; killed, so that it pushes nothing."""
    tree = system.folder / "deployed"
    for job in ("logger_service", "restore_job"):
        copy_job(job, tree)
    script = tree / "deploy" / "start.sh"
    script.parent.mkdir(exist_ok=True)
    shutil.copy(ROOT / "deploy" / script.name, script)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**system.environment, "PATH": path, "RESTORE_TIMEOUT_SECONDS": f"{limit:g}"}
    with (system.folder / "start.log").open("wb") as log:
        process = subprocess.Popen(
            [str(script)], env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait(process: "subprocess.Popen[bytes]", began: float) -> None:
    if process.poll() is not None:
        raise Failed(f"the start script ended with {process.returncode}")
    if monotonic() - began > PATIENCE_SECONDS:
        raise Failed(f"nothing after {PATIENCE_SECONDS} s")
    sleep(POLL_SECONDS)


def _rows(data: Path) -> bool:
    """Whether the recorder has written a row: the history lies elsewhere."""
    return any(place.read_bytes().count(b"\n") > 1 for place in (data / "BTC-USD").glob("*.csv"))


def _holds(data: Path, history: Mapping[str, int]) -> bool:
    return history.items() <= _sizes(data).items()


def _sizes(data: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in data.glob("*.csv")}


if __name__ == "__main__":
    sys.exit(main())
