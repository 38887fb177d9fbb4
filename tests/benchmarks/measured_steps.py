"""Pull, push, drill and restore through the real processes, each with its peak of memory.

A step that does not do its work raises Failed; how much memory it took is for others to judge.
"""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from benchmarks.peaks import Finished, peak_so_far, run_to_its_end
from processes import copy_job
from system import LocalSystem

MEGABYTE = 1_000_000
IDLE_CALLS = 5  # in a row that bring nothing and still do not finish
PUSH = Path(__file__).with_name("push_data_directory.py")
_READ = {"backup": "new_bytes", "drill": "raw_bytes"}  # what a call's report says that it read

Figures = dict[str, Any]


class Failed(Exception):
    """A step did not do what it says."""


def pull(system: LocalSystem, size: int) -> Figures:
    """The function backs the logger up, in as many calls as it takes."""
    system.start()
    calls = _call(system, "backup")
    return {
        "function": _peak(system, "backup_function"),
        "logger": _peak(system, "logger_service"),
        **_sums(calls),
        "read_twice": _sum(calls, "backup") - size,
    }


def push(system: LocalSystem, size: int) -> Figures:
    """A process of the logger's backs its directory up to another place in the bucket."""
    folder = copy_job("logger_service", system.folder / "jobs")
    shutil.copy(PUSH, folder)  # where it lies, Python finds `shared`
    done = _run(system, [PUSH.name], folder, BACKUP_PREFIX="pushed")
    report = json.loads(done.output)
    if report["new_bytes"] != size:
        raise Failed(f"{size} bytes were to be pushed: {report}")
    return {"logger": _megabytes(done.peak), "seconds": done.seconds}


def drill(system: LocalSystem, size: int) -> Figures:
    """A function that has just started proves the pulled backup, in as many calls as it takes."""
    system.start_function()
    calls = _call(system, "drill")
    if calls[-1]["answer"]["result"] != "passed":
        raise Failed(f"the drill did not pass: {calls[-1]['answer']}")
    peak = _peak(system, "backup_function")
    return {"function": peak, **_sums(calls), "read_twice": _sum(calls, "drill") - size}


def restore(system: LocalSystem, directory: Path) -> Figures:
    """The restore job brings the pulled backup back, into an empty directory."""
    folder = copy_job("restore_job", system.folder / "jobs")
    done = _run(system, ["main.py"], folder, DATA_DIR=str(directory))
    return {"restore_job": _megabytes(done.peak), "seconds": done.seconds}


def _call(system: LocalSystem, action: str) -> list[Figures]:
    """Ask the function until its work is no longer partial; the attempts with their reports."""
    attempts: list[Figures] = []
    while True:
        attempt = system.fire(action)
        report = attempt["answer"]
        if attempt["status"] != 200:
            raise Failed(f"the function answered {attempt['status']}: {report}")
        attempts.append(attempt)
        say(
            f"  call {len(attempts)}: {report['result']}, {report['files']} files, "
            f"{report[_READ[action]]:,} bytes read, {attempt['seconds']:.1f} s"
        )
        if report["result"] != "partial":
            return attempts
        if len(attempts) >= IDLE_CALLS and not _sum(attempts[-IDLE_CALLS:], action):
            raise Failed(f"{IDLE_CALLS} calls in a row read nothing: {report}")


def _sum(attempts: list[Figures], action: str) -> int:
    return sum(attempt["answer"][_READ[action]] for attempt in attempts)


def _sums(attempts: list[Figures]) -> Figures:
    seconds = sum(attempt["seconds"] for attempt in attempts)
    return {"calls": len(attempts), "seconds": round(seconds, 1)}


def _run(system: LocalSystem, words: list[str], folder: Path, **settings: str) -> Finished:
    environment = system.environment | settings
    done = run_to_its_end([sys.executable, *words], folder, environment)
    if done.exit_code:
        raise Failed(f"{words[0]} of {folder.name} ended with {done.exit_code}: {done}")
    return done


def _peak(system: LocalSystem, job: str) -> float:
    return _megabytes(peak_so_far(system.process_id(job)))


def _megabytes(size: int) -> float:
    return round(size / MEGABYTE, 1)


def say(text: str) -> None:
    """A line of what is being done."""
    print(text, flush=True)  # noqa: T201  whoever started it watches
