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
    late: list[float] = field(default_factory=list)  # seconds, in rising order
    conflicts: int = 0
    local_backups: int = 0  # that were looked at


def shortcomings(story: Story) -> list[str]:
    """What a run lacks that is to prove something, beside what went wrong in it."""
    short = _ticks_missing(story)
    checks = {
        f"{short} ticks have no row": not short,
        "two instances never recorded at the same time": overlaps(story.runs, INTERVAL_SECONDS),
        "a file was put beside another": not story.conflicts,
        "no backup was ever seen on an instance's own disk": story.local_backups,
        **{f"it never came to this: {kind}": story.happened[kind] for kind in Kind},
    }
    return [problem for problem, holds in checks.items() if not holds]


def figures_of(story: Story) -> dict[str, object]:
    """What is told at the end."""
    late = story.late or [0.0]
    return {
        "events": dict(story.happened),
        "instances": len(story.runs),
        "overlaps": overlaps(story.runs, INTERVAL_SECONDS),
        "rows": sum(len(run.rows) for run in story.runs),
        "rows_due": sum(run.due(INTERVAL_SECONDS) for run in story.runs),
        "ticks_missing": _ticks_missing(story),
        "rows_lost": story.losses.by_cause,
        "conflicts": story.conflicts,
        "local_backups": story.local_backups,
        "late_seconds": {
            "max": round(late[-1], 3),
            "p99": round(late[int(len(late) * 0.99)], 3),
        },
        "problems": len(story.problems),
    }


def _ticks_missing(story: Story) -> int:
    return sum(run.missing(INTERVAL_SECONDS) for run in story.runs)
