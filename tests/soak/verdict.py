"""What a run has come to, and whether it has shown what it is there to show."""

from collections import Counter
from dataclasses import dataclass, field

from soak.losses import Losses
from soak.plan import Kind
from soak.ticks import Run, overlaps
from soak.world import INTERVAL_SECONDS


@dataclass
class Story:
    """What a run has come to."""

    happened: Counter[str] = field(default_factory=Counter)  # events by kind
    problems: list[str] = field(default_factory=list)
    losses: Losses = field(default_factory=Losses)
    runs: list[Run] = field(default_factory=list)
    stalls: frozenset[int] = frozenset()  # ticks that the machine itself stood still for
    late: list[float] = field(default_factory=list)  # seconds, in rising order
    conflicts: int = 0
    local_backups: int = 0  # that were looked at


def shortcomings(story: Story) -> list[str]:
    """What a run lacks that is to prove something, beside what went wrong in it."""
    checks = {
        "two instances never recorded at the same time": overlaps(story.runs, INTERVAL_SECONDS),
        "a file was put beside another": not story.conflicts,
        "no backup was ever seen on an instance's own disk": story.local_backups,
        **{f"it never came to this: {kind}": story.happened[kind] for kind in Kind},
    }
    return [_told(run, count) for run, count in short_runs(story).items()] + [
        problem for problem, holds in checks.items() if not holds
    ]


def short_runs(story: Story) -> dict[Run, int]:
    """The runs that lack rows, with how many of their ticks."""
    missing = {run: run.missing(INTERVAL_SECONDS, story.stalls) for run in story.runs}
    return {run: count for run, count in missing.items() if count}


def figures_of(story: Story) -> dict[str, object]:
    """What is told at the end."""
    late = story.late or [0.0]
    return {
        "events": dict(story.happened),
        "instances": len(story.runs),
        "overlaps": overlaps(story.runs, INTERVAL_SECONDS),
        "rows": sum(len(run.rows) for run in story.runs),
        "rows_due": sum(run.due(INTERVAL_SECONDS) for run in story.runs),
        "ticks_missing": sum(short_runs(story).values()),
        "machine_stalls": len(story.stalls),
        "rows_lost": story.losses.by_cause,
        "conflicts": story.conflicts,
        "local_backups": story.local_backups,
        "late_seconds": {
            "max": round(late[-1], 3),
            "p99": round(late[int(len(late) * 0.99)], 3),
        },
        "problems": len(story.problems),
    }


def _told(run: Run, missing: int) -> str:
    """Of a run that lacks rows: how many, and when it paused."""
    pauses = run.pauses(INTERVAL_SECONDS)
    told = ", ".join(f"{length:.2f} s after {at - run.since:.2f} s" for at, length in pauses)
    short = f"{run.disk} has no row for {missing} of its ticks"
    return f"{short}: in {run.until - run.since:.2f} s it paused for {told or 'no time'}"
