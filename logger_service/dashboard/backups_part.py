"""The newest backups of all providers, and what each added over time."""

from collections.abc import Callable, Sequence

from charts.bytes_chart import bytes_chart
from dashboard.backup_rows import rows_of
from dashboard.part import Part, Told
from watching.archive_state import ArchiveState

SECONDS = 5.0
NEWEST = 20  # in the table; the rest is a page of its own

Archives = Callable[[], Sequence[ArchiveState]]


def backups_part(archives: Archives) -> Part:
    """It changes with each new backup."""
    return Part("backups", "Backups", SECONDS, lambda: _told(archives()))


def _told(archives: Sequence[ArchiveState]) -> Told:
    rows = rows_of(archives)
    return {
        "archives": archives,
        "chart": bytes_chart(archives),
        "rows": rows[:NEWEST],
        "count": len(rows),
    }
