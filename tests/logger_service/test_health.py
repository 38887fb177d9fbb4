"""What anybody is told of a logger: its data, its backups, and when it last wrote a row."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from catching_up.status import CatchUpStatus
from engine.archives import write
from health import Health
from pushing.destination import Standing
from shared.settings import LoggerSettings
from start_outcome import StartOutcome

NO_OTHERS: dict[str, object] = {}
GOOD_START = StartOutcome(0, None, "the history is here")
BAD_START = StartOutcome(3, None, "storage did not answer")
FINE, FAILS = Standing("gs://b/p", number=7), Standing("gs://b/p", number=7, error="no answer")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with a row that has just been written."""
    data = tmp_path / "data"
    write(data, "day.csv", f"ts_utc,source\n{now()},replay\n".encode(), hours_ago=0)
    return data


def now(hours_ago: float = 0) -> str:
    """A time as rows have it."""
    at = datetime.now(UTC) - timedelta(hours=hours_ago)
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def report(
    data: Path,
    settings: Mapping[str, object] = NO_OTHERS,
    start: StartOutcome = GOOD_START,
    *standings: Standing,
    is_caught_up: bool = False,
) -> dict[str, str | None]:
    """What is told where things stand so."""
    told = {"data_dir": data, "local_backup_dir": data.parent / "backups"}
    read = LoggerSettings.model_validate({**told, **settings})
    catch_up = CatchUpStatus(is_whole=is_caught_up)
    return Health(read, start, lambda: catch_up, lambda: standings or (FINE,)).report()


def test_all_is_well_and_the_newest_row_tells_until_when(data: Path) -> None:
    """Of all files, however old they are."""
    newest = now()
    write(data, "old.csv", f"ts_utc,source\n{now(5)},replay\n".encode(), hours_ago=5)
    write(data, "day.csv", f"ts_utc,source\n{newest},replay\n".encode(), hours_ago=0)
    assert report(data) == {
        "status": "healthy",
        "data_integrity": "healthy",
        "backup_system": "healthy",
        "last_log_timestamp": newest,
    }


def test_a_directory_without_a_file_has_no_newest_row(tmp_path: Path) -> None:
    """And is no error for whoever asks."""
    (tmp_path / "data").mkdir()
    told = report(tmp_path / "data")
    assert (told["status"], told["data_integrity"]) == ("degraded", "empty")
    assert told["last_log_timestamp"] is None


def old_rows(data: Path) -> None:
    """Nothing was written for three hours."""
    write(data, "day.csv", f"ts_utc,source\n{now(3)},replay\n".encode(), hours_ago=3)


def nothing(data: Path) -> None:
    """All is as it should be."""


@pytest.mark.parametrize(
    ("happen", "settings", "verdict"),
    [(old_rows, {}, "stale"), (nothing, {"critical_files": (("a.csv", 1),)}, "incomplete")],
)
def test_data_that_is_not_as_it_should_be_degrades(
    data: Path, happen: Callable[[Path], None], settings: dict[str, object], verdict: str
) -> None:
    """By the settings that the start step goes by."""
    happen(data)
    told = report(data, settings)
    assert (told["status"], told["data_integrity"]) == ("degraded", verdict)


@pytest.mark.parametrize(
    ("is_caught_up", "verdict"), [(False, "history missing"), (True, "healthy")]
)
def test_history_is_missing_until_the_catch_up_has_brought_it(
    data: Path, is_caught_up: bool, verdict: str
) -> None:
    """Whatever the disk itself shows."""
    told = report(data, start=BAD_START, is_caught_up=is_caught_up)
    assert told["data_integrity"] == verdict


def test_one_provider_that_fails_degrades(data: Path) -> None:
    """The other's backups may go with the disk."""
    told = report(data, NO_OTHERS, GOOD_START, FAILS, FINE)
    assert (told["status"], told["backup_system"]) == ("degraded", "degraded")


def test_backups_that_are_switched_off_are_no_fault(data: Path) -> None:
    """Somebody wanted it so."""
    told = report(data, {"backup_enabled": False, "render": True})
    assert (told["status"], told["backup_system"]) == ("healthy", "disabled")
