"""A backup is overdue when two intervals have passed and there is something to back up."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alerting.overdue import LONGEST_PAUSE, Overdue
from logger_service.watched_logger import ADDRESS, WatchedLogger, ago, backup

INTERVAL = 30 * 60.0


class Setup:
    """A logger that has run for a day, and a clock that a test turns."""

    def __init__(self, data: Path) -> None:
        self.now = 0.0
        self.logger = WatchedLogger(data, started_at=ago(days=1))
        self.logger.write_rows(ago(hours=3), ago(minutes=90))
        self.overdue = Overdue(
            lambda: self.logger.health().look().providers, INTERVAL, lambda: self.now
        )

    def look(self) -> tuple[list[str], list[str]]:
        """Which are late, and of which it is settled whether they are."""
        look = self.overdue.look()
        assert look.settled is not None
        return list(look.holds), sorted(look.settled)

    def saved(self, ago_minutes: float, missing_bytes: int, **others: Any) -> None:
        """The newest backup is so old, and lacks so many bytes of the table."""
        size = (self.logger.data / "day.csv").stat().st_size
        made = ago(minutes=ago_minutes)
        sizes = {"day.csv": size - missing_bytes}
        self.logger.archives.clear()
        self.logger.archive(backup(made=made), sizes=sizes, **others)


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    """Its data directory has rows of an hour and a half ago."""
    (tmp_path / "data").mkdir()
    return Setup(tmp_path / "data")


LINE = len("2026-11-22T20:30:00.000Z,replay\n")


def test_an_old_backup_is_late_and_a_new_one_ends_that(setup: Setup) -> None:
    """Two intervals are an hour here; what was seen holds for half a minute."""
    setup.saved(100, LINE)
    assert setup.look() == ([ADDRESS], [ADDRESS])
    setup.saved(1, 0)
    assert setup.look() == ([ADDRESS], [ADDRESS])
    setup.now += LONGEST_PAUSE
    assert setup.look() == ([], [ADDRESS])


def test_nothing_is_late_where_nothing_has_changed(setup: Setup) -> None:
    """A function that finds nothing new makes no backup."""
    setup.saved(100, 0)
    assert setup.look() == ([], [ADDRESS])


def test_an_empty_archive_is_late_after_two_intervals(setup: Setup) -> None:
    """There should be a first backup by then."""
    setup.logger.archive()
    assert setup.look() == ([ADDRESS], [ADDRESS])


def test_a_first_backup_has_two_intervals_from_the_start(setup: Setup) -> None:
    """Whatever the age of the files that are adopted."""
    setup.logger.started_at = ago(minutes=59)
    setup.logger.archive()
    assert setup.look() == ([], [ADDRESS])


def test_an_archive_that_nobody_has_seen_is_neither(setup: Setup) -> None:
    """Nothing is known of it."""
    setup.logger.archive(looked_at=None, error="it is down")
    assert setup.look() == ([], [])


def test_one_that_does_not_answer_any_more_may_become_late_but_not_well(setup: Setup) -> None:
    """What it was seen to hold last is all that is known."""
    setup.saved(1, 0, error="it is down")
    assert setup.look() == ([], [])
    setup.saved(100, LINE, error="it is down")
    setup.now += timedelta(minutes=1).total_seconds()
    assert setup.look() == ([ADDRESS], [])
