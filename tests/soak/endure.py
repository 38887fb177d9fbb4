"""`make soak`: deploys, crashes and failing parts in a random order, and whether a row was lost.

Logger, restore job and function are the real ones, on stand-ins for Render, Cloud Scheduler and
Cloud Storage. Prints a line for each event and ends in one line of JSON; exits with 1 if a row
is lost that the promise does not allow, or if the run has not shown what it is there to show.
"""

import argparse
import json
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from processes import ROOT
from soak.happenings import Happenings, NotAsPromised
from soak.plan import Event, draw
from soak.settling import Settling
from soak.ticks import lateness, runs
from soak.verdict import Story, figures_of, short_runs, shortcomings
from soak.world import INTERVAL_SECONDS, World

MOST_PROBLEMS = 5  # after which it is not worth going on


def main() -> int:
    """Go through the events; 0 if the promise was kept."""
    options = _options()
    for number in (signal.SIGTERM, signal.SIGHUP):  # HUP: the terminal is closed
        signal.signal(number, signal.default_int_handler)
    (ROOT / ".local").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="soak-", dir=ROOT / ".local"))
    began, story = time.monotonic(), Story()
    try:
        live_through(draw(options.events, options.seed), folder, story)
    except KeyboardInterrupt:
        shutil.rmtree(folder)
        say("interrupted")
        return 1
    except AssertionError as error:  # something was waited for in vain
        story.problems.append(str(error))
    story.problems += shortcomings(story)
    for problem in story.problems:
        say(f"FAILED: {problem}")
    for run in short_runs(story):
        _say_warnings(folder / "render" / "logs" / f"{run.disk}.log")
    if story.problems:
        say(f"logs and ledger are kept in {folder.relative_to(ROOT)}")
    else:
        shutil.rmtree(folder)
    figures = {"seed": options.seed} | figures_of(story)
    say(json.dumps(figures | {"seconds": round(time.monotonic() - began, 1)}))
    return 1 if story.problems else 0


def live_through(plan: list[Event], folder: Path, story: Story) -> None:
    """Let everything happen, and look after each event whether all rows are there."""
    with World(folder) as world:
        happenings, settling = Happenings(world, story.losses), Settling(world, story.losses)
        if not world.render.deploy():
            story.problems.append("the first deploy failed")
            return
        for number, event in enumerate(plan, start=1):
            began = time.monotonic()
            story.problems += _problems_of(event, happenings, settling)
            story.conflicts += settling.conflicts()
            story.local_backups = settling.local_backups
            seconds = time.monotonic() - began
            say(f"{number}/{len(plan)}  {event}: {seconds:.1f} s; {_state_of(world, story)}")
            story.happened[event.kind] += 1
            if len(story.problems) >= MOST_PROBLEMS:
                break
        drill = world.pulls.call("drill").answer
        if not isinstance(drill, dict) or drill.get("result") != "passed":
            story.problems.append(f"the last drill did not pass: {drill}")
        _measure(world, story)


def _measure(world: World, story: Story) -> None:
    """Hold the rows against the time that has gone by until now."""
    now, events = time.time(), world.render.events.all()
    world.ledger.read()
    story.runs = runs(world.ledger.rows, events, now, INTERVAL_SECONDS)
    story.stalls = world.witness.missed()
    story.late = lateness(world.ledger.rows, INTERVAL_SECONDS)


def _problems_of(event: Event, happenings: Happenings, settling: Settling) -> list[str]:
    try:
        happenings.let(event)
    except NotAsPromised as error:
        return [f"{event}: {error}", *settling.settle()]
    return [f"after {event}: {problem}" for problem in settling.settle()]


def _state_of(world: World, story: Story) -> str:
    rows, lost = len(world.ledger.rows), len(story.losses.rows)
    return f"{rows} rows, {lost} lost, {len(story.problems)} problems"


def _say_warnings(log: Path) -> None:
    """What an instance itself said of its trouble, as of ticks that took too long."""
    for line in log.read_text(errors="replace").splitlines():
        if " WARNING " in line:
            say(f"  {line}")


def say(text: str) -> None:
    """Tell whoever watches."""
    print(text, flush=True)  # noqa: T201  a program that reports what it does


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1, help="of what happens")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
