"""A backup is overdue when two intervals have passed and there is something to back up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerting.overdue import LOOK_SECONDS, Overdue
from shared.settings import LoggerSettings, load
from watching.archive_state import ArchiveState, BackupSummary

ADDRESS = "gs://bucket/btc-logger"
INTERVAL = 30 * 60.0


def archive(minutes_ago: float, size: int = 10) -> ArchiveState:
    """One whose newest backup is so old, and has one file of this size."""
    at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    newest = BackupSummary(
        number=42,
        created_at=at,
        taken_at=at,
        reason="scheduled",
        job="function",
        instance="1a2b",
        files=1,
        raw_bytes=size,
        new_bytes=None,
        partial=False,
        warnings=(),
    )
    return ArchiveState(
        "gcs", ADDRESS, at, numbers=(42,), backups=(newest,), sizes={"day.csv": size}
    )


class Setup:
    """A data directory with one file of 20 bytes, and a clock that a test turns."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.archives: tuple[ArchiveState, ...] = ()
        (root / "data").mkdir()
        (root / "data" / "day.csv").write_bytes(b"x" * 20)
        monkeypatch.setenv("DATA_DIR", str(root / "data"))
        settings = load(LoggerSettings)
        self.overdue = Overdue(settings, lambda: self.archives, lambda: self.now)

    def look(self, *archives: ArchiveState) -> tuple[list[str], list[str]]:
        """Which are late, and of which it is settled that they are, or are not."""
        self.archives = archives
        look = self.overdue.look()
        assert look.settled is not None
        return list(look.holds), sorted(look.settled)


@pytest.fixture
def setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Setup:
    """Two intervals after the start."""
    made = Setup(tmp_path, monkeypatch)
    made.now = 2 * INTERVAL + 1
    return made


def test_an_old_backup_is_late_and_a_new_one_ends_that(setup: Setup) -> None:
    """Two intervals are an hour here."""
    assert setup.look(archive(61)) == ([ADDRESS], [])
    assert setup.look(archive(59)) == ([], [ADDRESS])


def test_nothing_is_late_where_nothing_has_changed(setup: Setup) -> None:
    """A function that finds nothing new makes no backup; a minute later there may be news."""
    assert setup.look(archive(61, size=20)) == ([], [ADDRESS])
    (setup.overdue._root / "day.csv").write_bytes(b"x" * 30)  # noqa: SLF001  where it looks
    assert setup.look(archive(61, size=20)) == ([], [ADDRESS])
    setup.now += LOOK_SECONDS
    assert setup.look(archive(61, size=20)) == ([ADDRESS], [])


def test_a_young_process_waits_and_tells_no_end_either(setup: Setup) -> None:
    """What the process before has told still holds, or is over, later."""
    setup.now = 2 * INTERVAL
    assert setup.look(archive(61)) == ([], [])
    assert setup.look(archive(59)) == ([], [ADDRESS])


def test_an_empty_archive_is_late_after_two_intervals(setup: Setup) -> None:
    """There should be a first backup by then."""
    empty = ArchiveState("gcs", ADDRESS, datetime.now(UTC))
    assert setup.look(empty) == ([ADDRESS], [])


def test_an_archive_that_nobody_has_seen_is_neither(setup: Setup) -> None:
    """Nor is one well that does not answer."""
    assert setup.look(ArchiveState("gcs", ADDRESS, error="it is down")) == ([], [])
    assert setup.look(replace(archive(59), error="it is down")) == ([], [])
    assert setup.look(replace(archive(61), error="it is down")) == ([ADDRESS], [])
