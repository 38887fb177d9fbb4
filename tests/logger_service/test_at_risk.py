"""What a lost disk would take: counted from where each provider's newest backup ends."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.archives import touch, write
from health import at_risk
from health.at_risk import AtRisk, Saved, Tails
from logger_service.watched_logger import HEADER, ago, row
from shared.selection import Selection


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory without a file."""
    data = tmp_path / "data"
    data.mkdir()
    return data


@pytest.fixture
def tails(data: Path) -> Tails:
    """Of a logger that has run for an hour."""
    return Tails(data, ago(hours=1))


def look(tails: Tails, data: Path, saved: Saved) -> AtRisk:
    """At all that there is now."""
    return tails.look(Selection().look(data), saved, datetime.now(UTC))


def rows(*hours: float) -> bytes:
    """Rows that are so many hours old."""
    return "".join(row(ago(hours=one)) for one in hours).encode()


def test_a_table_that_grew_has_its_new_rows_at_risk(data: Path, tails: Tails) -> None:
    """Since the first of them was written."""
    before = HEADER.encode() + rows(5, 4)
    write(data, "day.csv", before + rows(0.5, 0.25), hours_ago=0)
    risk = look(tails, data, Saved({"day.csv": len(before)}, taken_at=ago(hours=3)))
    assert (risk.files, risk.rows, risk.bytes) == (1, 2, len(rows(0.5, 0.25)))
    assert 1795 < risk.seconds < 1830
    assert not risk.rows_estimated


def test_nothing_is_at_risk_where_the_backup_has_all(data: Path, tails: Tails) -> None:
    """Whatever the times of the files."""
    write(data, "day.csv", HEADER.encode() + rows(1), hours_ago=0)
    write(data, "state.json", b"{}", hours_ago=2)
    sizes = {place.name: place.stat().st_size for place in data.iterdir()}
    assert look(tails, data, Saved(sizes, taken_at=ago(hours=1))) == AtRisk()


def test_without_a_backup_all_is_at_risk_since_the_process_began(data: Path, tails: Tails) -> None:
    """History that was brought here is older than that, and did not wait here."""
    write(data, "old.csv", HEADER.encode() + rows(50, 49), hours_ago=49)
    risk = look(tails, data, Saved())
    assert (risk.files, risk.rows) == (1, 2), "a header is no row"
    assert 3600 <= risk.seconds < 3700


def test_nothing_waits_longer_than_since_the_newest_backup(data: Path, tails: Tails) -> None:
    """What was written before its look and is not in it came later."""
    write(data, "day.csv", rows(3), hours_ago=0)
    assert look(tails, data, Saved(taken_at=ago(minutes=1))).seconds < 70


def test_a_state_file_that_was_rewritten_is_at_risk_whole(data: Path, tails: Tails) -> None:
    """Also where it has the size that it had."""
    write(data, "state.json", b"{'a': 1}", hours_ago=0)
    sizes = {"state.json": 8}
    assert look(tails, data, Saved(sizes, taken_at=ago(hours=1))).bytes == 8
    touch(data / "state.json", hours_ago=2)
    assert look(tails, data, Saved(sizes, taken_at=ago(hours=1))).bytes == 0
    assert look(tails, data, Saved({"state.json": 9}, taken_at=ago(hours=1))).bytes == 8


def test_a_table_that_began_anew_is_at_risk_whole(data: Path, tails: Tails) -> None:
    """And one that is on its way here, shorter and as old as it was, is not."""
    write(data, "current.csv", HEADER.encode() + rows(0.1), hours_ago=0)
    saved = Saved({"current.csv": 5000}, taken_at=ago(hours=1))
    assert look(tails, data, saved).rows == 1
    touch(data / "current.csv", hours_ago=2)
    assert look(tails, data, saved).rows == 0


def test_what_an_operator_let_go_of_is_not_at_risk(data: Path, tails: Tails) -> None:
    """No backup will have it again."""
    write(data, "day.csv", rows(1), hours_ago=0)
    assert look(tails, data, Saved(forgotten=frozenset({"day.csv"}))) == AtRisk()


def test_what_is_too_much_to_read_is_estimated_and_counted_on(
    data: Path, tails: Tails, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each answer goes on where the one before ended."""
    monkeypatch.setattr(at_risk, "MOST_BYTES", 2048)
    monkeypatch.setattr(at_risk, "LEAST_BYTES", 0)
    write(data, "day.csv", HEADER.encode() + rows(1) * 200, hours_ago=0)
    found = [look(tails, data, Saved()) for _ in range(4)]
    assert [risk.rows_estimated for risk in found] == [True, True, True, False]
    assert all(190 < risk.rows < 210 for risk in found)
    assert found[-1].rows == 200


def test_rows_that_come_are_counted_without_reading_the_others_again(
    data: Path, tails: Tails, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A year's directory is looked at every second."""
    write(data, "day.csv", rows(1) * 10, hours_ago=0)
    assert look(tails, data, Saved()).rows == 10
    with (data / "day.csv").open("ab") as file:
        file.write(rows(0))
    monkeypatch.setattr(at_risk, "LEAST_BYTES", 0)
    monkeypatch.setattr(at_risk, "MOST_BYTES", len(rows(0)))
    risk = look(tails, data, Saved())
    assert (risk.rows, risk.rows_estimated) == (11, False)


def test_a_newer_backup_begins_the_count_anew(data: Path, tails: Tails) -> None:
    """It ends elsewhere."""
    write(data, "day.csv", rows(1) * 10, hours_ago=0)
    assert look(tails, data, Saved()).rows == 10
    assert look(tails, data, Saved({"day.csv": len(rows(1)) * 8})).rows == 2
