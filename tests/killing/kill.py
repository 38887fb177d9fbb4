"""Kills the jobs just before each of their durable calls, and looks at what is left.

The jobs run as their users start them, each time from a fresh copy of the same starting state;
after each kill the stored bytes are checked, the job runs again, and its end is checked.
"""

import json
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event
from time import monotonic

from deploy.checkout import copy_checkout
from job_processes import running_logger
from killing.killed_backup import KilledBackup
from killing.killed_catch_up import KilledCatchUp
from killing.killed_push import KilledPush
from killing.killed_restore import KilledRestore
from killing.killed_start import KilledStart
from killing.points import Hit, Killed, Point
from killing.start import RECORDED, prepare
from processes import ROOT, copy_job

LEAST_POINTS = 20  # distinct ones
PROVIDERS = ("local", "gcs")
AT_ONCE = 2  # scenes; most of the time goes into starting Python
_DIGEST = re.compile(r"([0-9a-f]{4})[0-9a-f]{60}")  # a person knows it by its beginning


def main() -> int:
    """Kill at every point; 0 if all of them did no harm."""
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # HUP: the terminal is closed
        signal.signal(number, lambda *_: stop.set())  # it ends after the point that is under way
    (ROOT / ".local").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="kill-", dir=ROOT / ".local"))
    started = monotonic()
    tally = Tally()
    try:
        with scenes(folder) as prepared, ThreadPoolExecutor(AT_ONCE) as pool:
            scenes_under_way = [
                pool.submit(tally.add, key, kill_everywhere(killed, folder / key, stop))
                for key, killed in prepared.items()
            ]
            for one in scenes_under_way:
                one.result()
    finally:
        shutil.rmtree(folder)
    if stop.is_set():
        say("interrupted")
        return 1
    figures = tally.figures() | {"seconds": round(monotonic() - started, 1)}
    if figures["distinct"] < LEAST_POINTS:
        say(f"FAILED: fewer than {LEAST_POINTS} distinct points")
    say(json.dumps(figures))
    return 1 if figures["failures"] or figures["distinct"] < LEAST_POINTS else 0


@contextmanager
def scenes(folder: Path) -> Iterator[dict[str, Killed]]:
    """All jobs with either provider, and the logger that the function pulls; longest first."""
    start = prepare(folder)
    sources = copy_checkout(folder / "jobs")
    function, restore = copy_job("backup_function", sources), sources / "restore_job"
    with running_logger(sources / "logger_service", start.data, BACKUP_EXCLUDE=RECORDED) as logger:
        killed: dict[str, Killed] = {"catch-up_local": KilledCatchUp(sources, "local", start)}
        for provider in PROVIDERS:
            killed[f"backup_{provider}"] = KilledBackup(function, logger.url, provider, start)
            killed[f"end_{provider}"] = KilledPush(sources, provider, start)
            killed[f"restore_{provider}"] = KilledRestore(restore, provider, start)
        killed["start_local"] = KilledStart(sources, start)
        killed["catch-up_gcs"] = KilledCatchUp(sources, "gcs", start)
        yield killed


class Tally:
    """The points hit so far, by scene."""

    def __init__(self) -> None:
        self._hits: dict[str, list[Hit]] = {}

    def add(self, key: str, hits: Iterator[Hit]) -> None:
        """Go through the points of a scene."""
        self._hits[key] = list(hits)

    def figures(self) -> dict[str, int | float]:
        """What to end in. The same call on the same file is one point, whatever the provider."""
        hits = [(key.partition("_")[0], hit) for key, own in self._hits.items() for hit in own]
        return {
            "points": len(hits),
            "distinct": len({(job, hit.point) for job, hit in hits}),
            **{key: len(own) for key, own in self._hits.items()},
            "failures": sum(bool(hit.faults) for _, hit in hits),
        }


def kill_everywhere(killed: Killed, folder: Path, stop: Event) -> Iterator[Hit]:
    """Kill at the chosen points of a run, one run for each, and tell of it."""
    if stop.is_set():
        return
    try:
        with fresh(folder):
            points = killed.points(folder)
    except Exception as error:  # noqa: BLE001  the other scenes are still worth a look
        hit = Hit(Point("no kill", ""), "", (repr(error),))
        yield tell(killed, 0, hit)
        return
    chosen = killed.chosen(points)
    say(f"{killed.name:<15} {len(points)} points, and a kill at {len(chosen)} of them")
    for number in chosen:
        if stop.is_set():
            return
        point = points[number - 1]
        yield tell(killed, number, attempt(killed, number, point, folder))


def attempt(killed: Killed, number: int, point: Point, folder: Path) -> Hit:
    """Kill at one point; what nobody thought of is a fault like any other."""
    try:
        with fresh(folder):
            hit = killed.kill(number, folder)
    except Exception as error:  # noqa: BLE001  the other points are still worth a look
        return Hit(point, "", (repr(error),))
    if hit.point != point:
        return replace(hit, faults=(*hit.faults, f"a run without a kill has {point} there"))
    return hit


@contextmanager
def fresh(folder: Path) -> Iterator[None]:
    """A folder that is made for one run and goes with it."""
    folder.mkdir()
    try:
        yield
    finally:
        shutil.rmtree(folder)


def tell(killed: Killed, number: int, hit: Hit) -> Hit:
    """Print a line about a point, and one for each fault."""
    place = _DIGEST.sub(r"\1…", hit.point.place)
    line = f"{killed.name:<15} {number:>3}  {hit.point.call:<10} {place:<29} {hit.told}"
    say("\n".join([line, *(f"    FAILED: {fault}" for fault in hit.faults)]))
    return hit


def say(text: str) -> None:
    """Lines of the report, in one piece."""
    print(f"{text}\n", end="", flush=True)  # noqa: T201  whoever runs it reads the report


if __name__ == "__main__":
    sys.exit(main())
