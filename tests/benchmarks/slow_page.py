"""Seconds that the logger's own answers take, beside a year of data and 500 backups.

The data, the manifests in both providers and the logger are real; no chunk is stored, because
nothing here reads one. It ends in one JSON line, and fails when an answer took too long.
"""

import argparse
import json
import sys
from pathlib import Path
from statistics import median
from time import monotonic, sleep
from typing import Any

if __name__ == "__main__":  # started as a script, Python looks in this folder alone
    _ROOT = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(_ROOT), str(_ROOT / "tests"), str(_ROOT / "deploy" / "local")]

import requests

from benchmarks.complete_page import seconds_in_chromium
from benchmarks.measured_steps import Failed, Figures, say
from benchmarks.verdict import judge
from benchmarks.year_of_backups import SOURCES, store_backups, write_days
from system import LocalSystem

TOKEN = "admin-token-of-slow-page"
PATIENCE_SECONDS = 600
PAUSE_SECONDS = 1.05  # before each question: an answer of health is kept for a second
QUESTIONS = {  # by what is shown: the path, and whether the token is sent
    "/health": ("/health", False),
    "/health (admin)": ("/health", True),
    "/backup/status": ("/backup/status", True),
    "/backup/list": ("/backup/list", True),
    "/metrics": ("/metrics", True),
    "/dashboard": ("/dashboard", True),
    "/dashboard/backups": ("/dashboard/backups", True),
    "/dashboard/backups/gcs/1": ("/dashboard/backups/gcs/1", True),
}
FIRST = "/dashboard at first"  # after the start, when nothing has been read yet
IN_CHROMIUM = "/dashboard in chromium"
LIMITS = {  # seconds, for what a person waits for
    "/health": 0.25,
    "/health (admin)": 0.25,
    "/backup/list": 0.25,
    "/dashboard": 0.5,
    "/dashboard/backups": 0.5,
    "/dashboard/backups/gcs/1": 0.5,
    FIRST: 1.0,  # asked once, while the start is still under way
    IN_CHROMIUM: 0.5,
}
SETTINGS = {
    "ADMIN_TOKEN": TOKEN,
    "PRICE_SOURCES": "replay",
    "LOG_INTERVAL_SECONDS": "1",
    "BACKUP_INTERVAL_MINUTES": "10080",  # no push beside the questions
    "SHUTDOWN_SECONDS": "1",  # nor a long one at the end
}


def main() -> int:
    """Measure; 0 if each limited answer was quick enough."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--backups", type=int, default=500)
    parser.add_argument("--times", type=int, default=20, help="that each question is asked")
    wanted = parser.parse_args()

    def measured(folder: Path) -> Figures:
        with LocalSystem(folder, "gcs", SETTINGS) as system:
            return measure(system, wanted.days, wanted.backups, wanted.times)

    return judge("slow-page", measured, shortfalls)


def shortfalls(figures: Figures) -> list[str]:
    """Answers that took longer than they may."""
    medians = figures["median_seconds"]
    return [
        f"{name} took {medians[name]} s, and may take {limit} s"
        for name, limit in LIMITS.items()
        if name in medians and medians[name] > limit
    ]


def measure(system: LocalSystem, days: int, backups: int, times: int) -> Figures:
    """Make all of it, start the logger, and ask."""
    say(f"writing {days} days of {len(SOURCES)} sources ...")
    entries = list(write_days(system.data, days))
    say(f"storing {backups} backups in a directory and in the bucket ...")
    store_backups(system, entries, backups)
    size = sum(entry.size for entry in entries)
    say(f"starting the logger beside {size:,} bytes ...")
    began = monotonic()
    system.start_logger()
    first = _ask(system, "/dashboard")[0]
    _await(system, backups)
    known = round(monotonic() - began, 1)
    say(f"all backups are known after {known} s; asking {times} times ...")
    before = _writer(system)
    taken: dict[str, list[float]] = {name: [] for name in QUESTIONS}
    for _ in range(times):
        for name, seconds in taken.items():
            seconds.append(_ask(system, name)[0])
    after = _writer(system)
    taken[FIRST] = [first]
    taken[IN_CHROMIUM] = _in_chromium(system)
    medians = {name: round(median(seconds), 4) for name, seconds in taken.items() if seconds}
    for name, half in medians.items():
        say(f"  {name}: {half * 1000:.0f} ms, at most {max(taken[name]) * 1000:.0f} ms")
    return {
        "days": days,
        "backups": backups,
        "bytes": size,
        "seconds_until_all_is_known": known,
        "median_seconds": medians,
        "most_seconds": {name: round(max(taken[name]), 4) for name in medians},
        "ticks": after["ticks"] - before["ticks"],
        "ticks_missed": sum(after["missed_ticks"].values()),
    }


def _await(system: LocalSystem, backups: int) -> None:
    """Until each backup of both has been read, and the disk compared with them."""
    began = monotonic()
    while True:
        told = json.loads(_ask(system, "/backup/list")[1])
        catch_up = json.loads(_ask(system, "/backup/status")[1])["catch_up"]
        if told["complete"] and len(told["backups"]) == 2 * backups and catch_up["is_whole"]:
            return
        if monotonic() - began > PATIENCE_SECONDS:
            raise Failed(f"not known after {PATIENCE_SECONDS} s: {told['providers']} {catch_up}")
        sleep(PAUSE_SECONDS)


def _in_chromium(system: LocalSystem) -> list[float]:
    """Seconds until the page was complete there, if it is on this machine."""
    seconds = seconds_in_chromium(system.logger_url, TOKEN)
    if not seconds:
        say("chromium is not there: no browser opens the page")
    return seconds


def _writer(system: LocalSystem) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(_ask(system, "/health (admin)")[1])["details"]["writer"]
    return told


def _ask(system: LocalSystem, name: str) -> tuple[float, bytes]:
    """How long the answer took, and the answer; raises Failed for one that is no good."""
    path, is_admin = QUESTIONS[name]
    headers = {"Authorization": f"Bearer {TOKEN}"} if is_admin else {}
    sleep(PAUSE_SECONDS)
    began = monotonic()
    answer = requests.get(system.logger_url + path, headers=headers, timeout=PATIENCE_SECONDS)
    seconds = monotonic() - began
    if answer.status_code not in (200, 503):
        raise Failed(f"{path} answered {answer.status_code}: {answer.text}")
    return seconds, answer.content


if __name__ == "__main__":
    sys.exit(main())
