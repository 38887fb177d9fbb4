"""The chart of new bytes: what each bar stands for, how high it is, and what it says."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from charts.bytes_chart import BASE, LEAST_HEIGHT, TOP, BytesChart, bytes_chart
from charts.time_spans import MOST
from logger_service.watched_logger import backup
from watching.archive_state import ArchiveState, BackupSummary

NEWEST = datetime(2026, 11, 22, 20, 31, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)


def archive(backups: Sequence[BackupSummary], kind: str = "gcs") -> ArchiveState:
    """One that has these, newest first."""
    return ArchiveState(kind, f"{kind}://somewhere", backups=tuple(backups))


def charted(*archives: ArchiveState) -> BytesChart:
    """The chart of providers of which one has a backup."""
    chart = bytes_chart(archives)
    assert chart is not None
    return chart


def history(sizes: Sequence[int | None]) -> list[BackupSummary]:
    """One each half hour, given from the newest on."""
    count = len(sizes)
    return [
        backup(count - place, made=NEWEST - place * HALF_HOUR, new_bytes=size)
        for place, size in enumerate(sizes)
    ]


def test_without_a_backup_there_is_no_chart() -> None:
    """Nothing is to be shown."""
    assert bytes_chart([]) is None
    assert bytes_chart([archive([])]) is None


def test_few_backups_have_a_bar_each() -> None:
    """At its own time, as high as the logarithm of what it added."""
    (row,) = charted(archive(history([1000, 10_000, 10_000_000]))).rows
    small, middle, large = row.bars
    assert large.left < middle.left < small.left
    assert (large.top, large.height) == (TOP, BASE - TOP)
    assert (round(small.height * 3), round(middle.height * 2)) == (round(BASE - TOP),) * 2
    assert small.title == "Backup 3, 2026-11-22 20:31 UTC, scheduled: 1.0 kB new bytes"


def test_nothing_new_is_still_a_bar() -> None:
    """A backup was made; and what is not known is no zero."""
    nothing, unknown = charted(archive(history([0, None]))).rows[0].bars
    assert (nothing.height, nothing.is_known) == (LEAST_HEIGHT, True)
    assert not unknown.is_known
    assert "not known" in unknown.title


def test_many_backups_are_summed_into_equal_spans() -> None:
    """No more bars than a screen has room for, and each says what it sums."""
    chart = charted(archive(history([1000] * 500)))
    (row,) = chart.rows
    assert (len(row.bars), chart.span) == (84, "3 hours")
    assert len(row.bars) <= MOST
    assert row.bars[1].title == (
        "6 backups, 489 to 494, until 2026-11-22 17:31 UTC, scheduled: 6.0 kB new bytes"
    )
    assert row.sentence.startswith("500 backups from 2026-11-12 11:01 UTC to 2026-11-22 20:31 UTC")
    (single,) = charted(archive(history([1000]))).rows
    assert single.sentence.startswith("1 backup from 2026-11-22 20:31 UTC")


def test_days_without_a_backup_stay_empty() -> None:
    """A gap is to be seen as one."""
    late = backup(2, made=NEWEST)
    early = backup(1, made=NEWEST - timedelta(days=5))
    newest, oldest = charted(archive([late, early])).rows[0].bars
    assert newest.left - oldest.left > 95


def test_providers_share_their_axes() -> None:
    """A row each; the same time stands at the same place."""
    chart = charted(archive(history([1000] * 9)), archive(history([10**8] * 3), "local"))
    bucket, local = chart.rows
    assert [bar.left for bar in bucket.bars[:3]] == [bar.left for bar in local.bars]
    assert (local.kind, local.bars[0].top) == ("local", TOP)
    assert bucket.bars[0].top > TOP


def test_what_was_not_planned_is_marked() -> None:
    """By the most telling reason of the bar."""
    reasons = ["scheduled", "manual", "critical: disk_full: full", "shutdown", "interval"]
    made = [
        backup(9 - place, made=NEWEST - place * timedelta(hours=3), reason=reason)
        for place, reason in enumerate(reasons)
    ]
    both = [*made, backup(1, made=made[-1].created_at, reason="manual")]
    chart = charted(archive(both))
    marks = [bar.mark for bar in chart.rows[0].bars]
    assert marks == ["", "manual", "critical", "shutdown", "manual"]
    assert chart.marks == ("critical", "shutdown", "manual")
    assert charted(archive(made[:1])).marks == ()


def test_the_axis_says_that_it_is_one_of_powers_of_ten() -> None:
    """From 10 bytes to what no bar exceeds."""
    levels = charted(archive(history([3_000_000_000]))).levels
    assert [level.text for level in levels if level.text] == [
        *("100 B", "10 kB", "1 MB", "100 MB", "10 GB")
    ]
    assert (levels[0].place, levels[-1].place) == (BASE, TOP)
    assert len({round(a.place - b.place, 0) for a, b in pairwise(levels)}) == 1
