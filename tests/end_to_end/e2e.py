"""`make e2e`: the whole system with the real clients, from an empty project to a restored disk.

Google's client and gcloud manage the job, Cloud Scheduler's stand-in fires it at the function,
which pulls from the logger on Render and stores; a new logger restores, and gcloud reads all of it.
Each step prints a line; the last is JSON, and the exit code 1 where a step was not as promised.
"""

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import TypeVar

from end_to_end.deliveries import deliveries, duplicates
from end_to_end.deploying import deploy_again, deploy_first, hold_every_row
from end_to_end.firing import (
    back_up_in_time,
    deliver_twice,
    fail_twice,
    outlive_the_deadline,
    run_while_it_runs,
)
from end_to_end.managing import manage_one_job
from end_to_end.read_back import read_by_gcloud
from end_to_end.whole import Whole
from processes import ROOT

TOOLS = ("gcloud", "jq", "zstd")
DUPLICATES = 3  # a double delivery, a run while one runs, a deadline that was outlived

Result = TypeVar("Result")


@dataclass
class Figures:
    """What a run has come to."""

    deliveries: int = 0
    duplicates: int = 0  # of them
    backups: int = 0
    rows: int = 0  # that were recorded, and are in the bucket and with the logger
    files: int = 0  # that gcloud has read back
    identical: bool = False
    seconds: float = 0


def main() -> int:
    """Go through all of it; 0 if all was as promised."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    if missing := [tool for tool in TOOLS if not shutil.which(tool)]:
        say(f"skipped: {', '.join(missing)} is not installed")
        return int(bool({*missing} & {*os.environ.get("REQUIRE_TOOLS", "").split(",")}))
    for number in (signal.SIGTERM, signal.SIGHUP):  # HUP: the terminal is closed
        signal.signal(number, signal.default_int_handler)
    (ROOT / ".local").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="e2e-", dir=ROOT / ".local"))
    began, figures = monotonic(), Figures()
    try:
        with Whole(folder) as whole:
            go_through(whole, figures)
    except KeyboardInterrupt:
        shutil.rmtree(folder)
        say("interrupted")
        return 1
    except Exception as error:  # noqa: BLE001  whatever a client raises, the figures come
        if not isinstance(error, AssertionError):  # which alone says what was promised
            traceback.print_exc()
        say(f"FAILED: {error}\nlogs are kept in {folder.relative_to(ROOT)}")
    else:
        shutil.rmtree(folder)
        figures.identical = True
    figures.seconds = round(monotonic() - began, 1)
    say(json.dumps(asdict(figures)))
    return 0 if figures.identical else 1


def go_through(whole: Whole, figures: Figures) -> None:
    """Take every step; AssertionError at the first that is not as promised."""
    steps = Steps(whole)
    steps.take("deploy/google.sh makes function, jobs and key", Whole.set_up_google)
    steps.take("Render deploys the logger, once it has the key", deploy_first)
    steps.take("gcloud and Google's client manage one job", manage_one_job)
    steps.take("the schedule comes round", back_up_in_time)
    steps.take("a delivery comes twice", deliver_twice)
    steps.take("gcloud runs the job while it runs", run_while_it_runs)
    steps.take("the function fails twice, and then works", fail_twice)
    steps.take("an attempt outlives its deadline", outlive_the_deadline)
    steps.take("Render deploys a new logger, which restores", deploy_again)
    figures.rows = steps.take("bucket and logger hold every row", hold_every_row)
    figures.files = steps.take("gcloud reads back what was stored", read_by_gcloud)
    sent = steps.take("every delivery was as documented", deliveries)
    figures.deliveries, figures.duplicates = len(sent), duplicates(sent)
    figures.backups = len(whole.backups)
    assert figures.duplicates == DUPLICATES, f"{figures.duplicates} duplicates, not {DUPLICATES}"


class Steps:
    """Counts and times them."""

    def __init__(self, whole: Whole) -> None:
        self._whole, self._taken = whole, 0

    def take(self, title: str, step: Callable[[Whole], Result]) -> Result:
        """What a step returns, and a line that tells of it."""
        began = monotonic()
        result = step(self._whole)
        self._taken += 1
        backups = len(self._whole.backups)
        say(f"{self._taken}  {title}: {monotonic() - began:.1f} s; {backups} backups")
        return result


def say(text: str) -> None:
    """Tell whoever watches."""
    print(text, flush=True)  # noqa: T201  a program that reports what it does


if __name__ == "__main__":
    sys.exit(main())
