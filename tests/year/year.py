"""`make year`: a simulated year of a recorder, and whether every row of it is accounted for.

The recorder, its files and its HTTP clients are the real ones; clock, disk, processes and the
exchanges on loopback are simulated. Prints how far it is month by month, and ends in one line of
JSON; exits with 1 if a figure falls short.
"""

import argparse
import gc
import json
import logging
import sys
import tempfile
from math import inf
from pathlib import Path
from time import monotonic

from market.exchanges import KINDS
from year.evidence import Evidence, read
from year.plan import DAY, draw
from year.simulation import Simulation

ROOT = Path(__file__).resolve().parents[2]
MONTH = 30 * DAY
MOST_GROWTH_MB = 10.0
SIMULATED = ("clock", "disk", "exchanges", "processes")


class Progress:
    """Tells how far the simulation is; `first_mb` is the memory at a quarter of a month."""

    def __init__(self) -> None:
        self.first_mb = 0.0
        self._months = 0

    def __call__(self, elapsed: float) -> None:
        """Look, before each wait."""
        if not self.first_mb and elapsed >= MONTH / 4:
            self.first_mb = resident_mb()
        if elapsed // MONTH > self._months:
            self._months += 1
            say(f"day {elapsed / DAY:.0f}: {resident_mb():.1f} MB")


def main() -> int:
    """Live through a year; 0 if everything is as it should be, else 1."""
    options = _options()
    logging.disable(logging.CRITICAL)  # a year of trouble is a long log
    began, progress = monotonic(), Progress()
    plan = draw(options.days, tuple(KINDS), options.seed)
    say(f"{options.days:g} days of a tick every {options.interval} s: {', '.join(KINDS)}")
    (ROOT / ".local").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="year-", dir=ROOT / ".local") as folder:
        simulation = Simulation(plan, Path(folder), options.interval, options.seed, progress)
        simulation.run()
        last_mb = resident_mb()
        evidence = read(Path(folder))
    memory = {"first": progress.first_mb or last_mb, "last": last_mb}
    problems = find_problems(simulation, evidence)
    if last_mb - memory["first"] > MOST_GROWTH_MB:
        problems.append(f"memory grew by more than {MOST_GROWTH_MB} MB")
    for problem in problems:
        say(f"FAILED: {problem}")
    figures = vars(options) | figures_of(simulation, evidence) | {"memory_mb": memory}
    say(json.dumps(figures | {"seconds": round(monotonic() - began, 1)}))
    return 1 if problems else 0


def find_problems(simulation: Simulation, evidence: Evidence) -> list[str]:
    """Whatever does not agree between recorder, clock, exchanges and files."""
    book, market = simulation.book, simulation.market
    lost = sum(book.missing[cause] for cause in ("disk", "killed", "deleted"))
    checks = {
        "rows due are not those written and those missing": book.adds_up,
        "the files do not hold the rows that were counted": +book.written == evidence.rows,
        "two rows have one time and source": not evidence.twice,
        "files hold what is no row": not evidence.bad_lines,
        "an exchange was asked while it was parked": not market.forbidden,
        "tickers that came are neither written nor lost to the disk": (
            market.good.total() == evidence.rows.total() + lost
        ),
        "failures are not counted under their causes": all(
            book.missing[cause] == count for cause, count in market.failed.items()
        ),
        "an error that nobody foresaw cost rows": not book.missing["unforeseen"],
    }
    return book.problems + [problem for problem, holds in checks.items() if not holds]


def figures_of(simulation: Simulation, evidence: Evidence) -> dict[str, object]:
    """What is told at the end."""
    book, market = simulation.book, simulation.market
    return {
        "ticks_due": book.due,
        "ticks": book.ticks,
        "sources": len(KINDS),
        "rows_due": book.due * len(KINDS),
        "rows_written": evidence.rows.total(),
        "rows_missing": dict(sorted((+book.missing).items())),
        "adds_up": book.adds_up,
        "most_late_seconds": round(book.most_late_seconds, 3),
        "flags": dict(sorted(evidence.flags.items())),
        "requests": market.requests,
        "asked_while_parked": market.forbidden.total(),
        "same_time_and_source": evidence.twice,
        "processes": book.processes,
        "incidents": dict(sorted(simulation.machine.happened.items())),
        "files": evidence.files,
        "files_torn_by_kills": evidence.torn,
        "simulated": SIMULATED,
    }


def say(text: str) -> None:
    """Tell whoever watches."""
    print(text, flush=True)  # noqa: T201  a program that reports what it does


def resident_mb() -> float:
    """Memory of this process now, in units of 10^6 bytes (Linux)."""
    gc.collect()
    lines = Path("/proc/self/status").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith("VmRSS:"))
    return round(int(line.split()[1]) * 1024 / 1e6, 1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=days, default=365)
    parser.add_argument("--interval", type=seconds, default=600, help="seconds from tick to tick")
    parser.add_argument("--seed", type=int, default=1, help="of what happens")
    return parser.parse_args()


def days(text: str) -> float:
    """More than none; its name is part of the error over a bad one."""
    number = float(text)
    if not 0 < number < inf:
        raise argparse.ArgumentTypeError(f"found {text}, expected more than 0")
    return number


def seconds(text: str) -> int:
    """At least one, whole; likewise."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"found {text}, expected at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main())
