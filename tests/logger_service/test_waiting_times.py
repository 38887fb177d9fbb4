"""Since when something is at risk: told from its rows, its file's time and the looks before."""

from datetime import datetime
from pathlib import Path

import pytest

from engine.archives import write
from health.at_risk import Saved, Tails
from logger_service.watched_logger import HEADER, ago, row
from shared.selection import Selection

HOUR = 3600


@pytest.fixture
def tails(tmp_path: Path) -> Tails:
    """Of a logger that has run for five hours."""
    return Tails(tmp_path, ago(hours=5))


def waits(tails: Tails, data: Path, saved: Saved, at: datetime) -> float:
    """The seconds that a look at that time tells."""
    return tails.look(Selection().look(data), saved, at).seconds


@pytest.mark.parametrize("name", ["prices.csv", "prices.json"])
def test_what_is_written_all_the_time_waits_since_it_was_first_ahead(
    tmp_path: Path, tails: Tails, name: str
) -> None:
    """Also where nothing in it tells a time: else a dead function would never be noticed."""
    saved = Saved({name: 6}, taken_at=ago(hours=4))
    found = []
    for hours in (2, 1, 0):
        write(tmp_path, name, b"one,1\n" * (4 - hours), hours_ago=hours)
        found.append(waits(tails, tmp_path, saved, ago(hours=hours)))
    assert found == pytest.approx([0, HOUR, 2 * HOUR], abs=60)


def test_a_backup_begins_the_waiting_anew(tmp_path: Path, tails: Tails) -> None:
    """Although the file was ahead at each look."""
    for hours, taken in ((2, 4), (0, 1)):
        write(tmp_path, "prices.csv", b"one,1\n" * (4 - hours), hours_ago=hours)
        saved = Saved({"prices.csv": 6}, taken_at=ago(hours=taken))
        found = waits(tails, tmp_path, saved, ago(hours=hours))
    assert found == pytest.approx(HOUR, abs=60)


def test_a_row_of_a_time_that_is_over_waits_since_it_came(tmp_path: Path, tails: Tails) -> None:
    """Such as that of an hour's candle, after hours in which there was nothing to back up."""
    before = HEADER + row(ago(hours=4))
    write(tmp_path, "candles.csv", before.encode(), hours_ago=4)
    saved = Saved({"candles.csv": len(before)}, taken_at=ago(hours=3.5))
    assert waits(tails, tmp_path, saved, ago(minutes=2)) == 0
    write(tmp_path, "candles.csv", (before + row(ago(hours=1))).encode(), hours_ago=0)
    assert waits(tails, tmp_path, saved, ago(minutes=1)) == pytest.approx(60, abs=1)
    assert waits(tails, tmp_path, saved, ago()) == pytest.approx(120, abs=1)


def test_what_lost_its_backup_waits_since_the_process_began(tmp_path: Path, tails: Tails) -> None:
    """It was here before the last look, though nothing of it was at risk then."""
    write(tmp_path, "day.csv", row(ago(hours=6)).encode(), hours_ago=6)
    sizes = {"day.csv": len(row(ago()))}
    assert waits(tails, tmp_path, Saved(sizes, taken_at=ago(hours=5)), ago(minutes=1)) == 0
    assert waits(tails, tmp_path, Saved(), ago()) == pytest.approx(5 * HOUR, abs=60)
