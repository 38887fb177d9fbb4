"""Seconds from the start of the function's process to its first answer, for each action.

It starts as on Cloud Run, in an environment with its own requirements, beside a real logger. Two
functions that only say hello start in the same rounds, so that a figure is a ratio: one alone, and
one that imports the storage client. It ends in one JSON line, and fails when a ratio is too large.
"""

import argparse
import json
import sys
from pathlib import Path
from statistics import median

if __name__ == "__main__":  # started as a script, Python looks in this folder alone
    _ROOT = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(_ROOT), str(_ROOT / "tests"), str(_ROOT / "deploy" / "local")]

from benchmarks.first_answer import Start, import_milliseconds, seconds_to_first_answer
from benchmarks.measured_steps import Figures, say
from benchmarks.verdict import judge
from environments import python_of
from processes import copy_job
from system import LocalSystem

ACTIONS = ("backup", "drill", "prune", "maintenance", "status")
HELLO, WITH_STORAGE = "hello", "hello with google.cloud.storage"  # the peers
MOST = 4.0  # times the second peer's seconds, each at its quickest: a busy machine only adds
NAMED = 8  # packages that take longest to import
SETTINGS = {  # a row a second, so that a backup has something to bring
    "PRICE_SOURCES": "replay",
    "LOG_INTERVAL_SECONDS": "1",
    "BACKUP_INTERVAL_MINUTES": "10080",
    "SHUTDOWN_SECONDS": "1",
}
HELLO_CODE = """import functions_framework

@functions_framework.http
def hello(request):
    return "hello"
"""


def main() -> int:
    """Measure; 0 if no start took much longer than its peer's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=20, help="that each of them is started")
    times = parser.parse_args().times

    def measured(folder: Path) -> Figures:
        with LocalSystem(folder, "gcs", SETTINGS) as system:
            return measure(system, times)

    return judge("cold-start", measured, shortfalls)


def shortfalls(figures: Figures) -> list[str]:
    """Actions whose first answer took too long."""
    return [
        f"{action}: the first answer took {ratio} times as long as that of {WITH_STORAGE}, "
        f"and may take {MOST:g} times"
        for action, ratio in figures["ratios"].items()
        if ratio > MOST
    ]


def measure(system: LocalSystem, times: int) -> Figures:
    """Start each so many times, in turn, after one start that does not count."""
    say("making the function's environment, if it is not there yet ...")
    starts = _starts(system, python_of("backup_function"))
    say("starting a logger beside a simulated bucket ...")
    system.start_logger()
    say(f"starting {len(starts)} functions {times} times each ...")
    taken: dict[str, list[float]] = {name: [] for name in starts}
    for round_ in range(times + 1):
        for name, start in starts.items():
            seconds = seconds_to_first_answer(start)
            if round_:  # in the first one Python compiles
                taken[name].append(seconds)
    figures = {name: _spread(seconds) for name, seconds in taken.items()}
    for name, spread in figures.items():
        say(f"  {name}: {spread['median']} s ({spread['min']} to {spread['max']})")
    imports = {name: import_milliseconds(starts[name], NAMED) for name in (WITH_STORAGE, "backup")}
    for name, packages in imports.items():
        told = ", ".join(f"{package} {taken}" for package, taken in packages.items())
        say(f"  milliseconds of imports, {name}: {told}")
    peer = figures[WITH_STORAGE]["min"]
    ratios = {action: round(figures[action]["min"] / peer, 2) for action in ACTIONS}
    say(f"  times the second hello, each at its quickest: {ratios}")
    return {"times": times, "seconds": figures, "ratios": ratios, "import_milliseconds": imports}


def _spread(seconds: list[float]) -> dict[str, float]:
    figures = {"min": min(seconds), "median": median(seconds), "max": max(seconds)}
    return {name: round(value, 3) for name, value in figures.items()}


def _starts(system: LocalSystem, python: str) -> dict[str, Start]:
    """The peers, and the function for each of its actions."""
    function = copy_job("backup_function", system.folder / "deployed")
    requests = {
        HELLO: (_hello(system.folder / "bare", ""), "hello", b""),
        WITH_STORAGE: (
            _hello(system.folder / "with_storage", "import google.cloud.storage\n"),
            "hello",
            b"",
        ),
        **{
            action: (function, "backup", json.dumps({"action": action}).encode())
            for action in ACTIONS
        },
    }
    return {name: Start(python, *request, system.environment) for name, request in requests.items()}


def _hello(folder: Path, imports: str) -> Path:
    folder.mkdir()
    (folder / "main.py").write_text(imports + HELLO_CODE)
    return folder


if __name__ == "__main__":
    sys.exit(main())
