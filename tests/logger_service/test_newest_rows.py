import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from logger_service.quoted import NOON, quoted
from market.quote import Quote
from record.newest_rows import END_BYTES, last_tick, newest_rows
from record.price_files import PriceFiles
from record.price_row import HEADER

FOLDER = "BTC-USD"


def row(source: str, seconds: float = 0, price: str = "50000", at: datetime = NOON) -> Quote:
    """A row so many seconds after noon."""
    return quoted(source, price, observed_at=at + timedelta(seconds=seconds))


def record(data_dir: Path, instance: str, *rows: Quote) -> Path:
    """A price file with these rows of one day."""
    files = PriceFiles(data_dir, instance)
    files.write(rows)
    files.close()
    (path,) = files.paths()
    return data_dir / path


def last(data_dir: Path) -> list[tuple[str, str]]:
    """Sources and prices of the last tick of five seconds."""
    rows = last_tick(newest_rows(data_dir, 5), 5)
    return sorted((row.source, row.price) for row in rows)


@pytest.mark.parametrize("folder", [None, FOLDER])
def test_where_nothing_was_recorded_there_are_no_rows(tmp_path: Path, folder: str | None) -> None:
    """Without the folder, or with an empty one."""
    if folder:
        (tmp_path / folder).mkdir()
    assert newest_rows(tmp_path, 5) == []
    assert last(tmp_path) == []


def test_the_last_tick_has_the_rows_since_its_point_of_the_grid(tmp_path: Path) -> None:
    """A source that was silent in it does not answer with the row of the tick before."""
    record(
        tmp_path,
        "ab12",
        row("a", 0.1),
        row("b", 4.9),
        row("c", 5.001, "50001"),
        row("a", 5.2, "50002"),
    )
    assert last(tmp_path) == [("a", "50002"), ("c", "50001")]
    assert [found.source for found in newest_rows(tmp_path, 5)] == ["a", "b", "c", "a"]


def test_of_two_instances_the_newest_row_of_each_source_counts(tmp_path: Path) -> None:
    """As in the minute of a deploy, in which both record."""
    record(tmp_path, "zz", row("a", 0.1, "1"), row("b", 0.3, "2"))
    record(tmp_path, "aa", row("a", 0.2, "3"), row("b", 0.2, "4"), row("c", 0.2, "5"))
    assert last(tmp_path) == [("a", "3"), ("b", "2"), ("c", "5")]


def test_a_tick_may_lie_on_both_sides_of_midnight(tmp_path: Path) -> None:
    """Seven seconds do not divide a day, so the grid has no point at its end."""
    midnight = datetime.fromisoformat("2026-11-23T00:00:00Z")
    early, late = row("a", -1, "1", midnight), row("b", 0.5, "2", midnight)
    record(tmp_path, "ab12", early)
    record(tmp_path, "ab12", late)
    rows = newest_rows(tmp_path, 7)
    assert rows == last_tick(rows, 7) == [early, late]
    assert newest_rows(tmp_path, 5) == [late]


def test_a_day_without_rows_leads_to_the_day_before(tmp_path: Path) -> None:
    """A logger may have died between a file's name and its first row."""
    record(tmp_path, "ab12", row("a"))
    (tmp_path / FOLDER / "2026-11-23.ab12.csv").write_bytes(HEADER)
    (tmp_path / FOLDER / "2026-11-24.ab12.csv").write_bytes(b"")
    (tmp_path / FOLDER / "2026-11-25.ab12.csv").write_bytes(b"\0" * 5000)
    assert last(tmp_path) == [("a", "50000")]


@pytest.mark.parametrize(
    "tail",
    [
        b"2026-11-22T12:00:02.000Z,b,BTC-U",
        b"2026-11-22T12:00:02.000Z,b,BTC-USD,1,,,,,1,",
        b"\0" * 300,
        b"2026-11-22T12:00:02.000Z,b,BTC-USD,1\n",
        b"2026-11-23T12:00:02.000Z,b,BTC-USD,1,,,,,1,\n",
        b"\xff\xfe\n\n",
    ],
)
def test_a_damaged_end_costs_only_itself(tmp_path: Path, tail: bytes) -> None:
    """A torn line, which may look whole; NULs; half a row; a row of another day."""
    place = record(tmp_path, "ab12", row("a"))
    place.write_bytes(place.read_bytes() + tail)
    assert last(tmp_path) == [("a", "50000")]


def test_rows_after_damage_are_read(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What is between them is named once."""
    place = record(tmp_path, "ab12", row("a"))
    whole = place.read_bytes()
    second = whole.splitlines(keepends=True)[1].replace(b"coinbase", b"b").replace(b",a,", b",b,")
    place.write_bytes(whole + b"\0\0\n???\n" + second)
    assert last(tmp_path) == [("a", "50000"), ("b", "50000")]
    assert [record.message for record in caplog.records] == [
        f"{place}: 2 lines are no rows, such as b'???'"
    ]


@pytest.mark.parametrize(
    "name",
    [
        "2026-11-23.csv",
        "2026-11-23.ab12.csv.restored-0123456789ab",
        "2026-11-23.ab12.csv.gz",
        "notes.csv",
        "2026-11-23.ab.12.csv",
        "٢٠٢٦-11-23.ab12.csv",
    ],
)
def test_other_files_are_not_read(tmp_path: Path, name: str) -> None:
    """Even with rows in them that would be newer."""
    place = record(tmp_path, "ab12", row("a", 0, "1"))
    content = place.read_bytes().replace(b"2026-11-22", b"2026-11-23")
    (place.parent / name).write_bytes(content)
    assert last(tmp_path) == [("a", "1")]


def test_a_table_with_another_header_is_not_read(tmp_path: Path) -> None:
    """Its columns may mean anything, whatever its name."""
    place = record(tmp_path, "ab12", row("a", 0, "1"))
    content = place.read_bytes().replace(b"2026-11-22", b"2026-11-23")
    (place.parent / "2026-11-23.cd34.csv").write_bytes(content.replace(b"bid,ask", b"ask,bid"))
    assert last(tmp_path) == [("a", "1")]


def test_what_is_no_plain_file_is_named_and_not_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A pipe would wait for its writer for ever, and a link leads elsewhere."""
    place = record(tmp_path, "ab12", row("a", 0, "1"))
    elsewhere = record(tmp_path / "elsewhere", "ab12", row("a", 1, "2"))
    os.mkfifo(place.with_name("2026-11-22.pipe.csv"))
    place.with_name("2026-11-22.link.csv").symlink_to(elsewhere)
    place.with_name("2026-11-22.folder.csv").mkdir()
    assert last(tmp_path) == [("a", "1")]
    assert caplog.text.count("cannot be read") == 3


def test_a_folder_that_is_none_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Then there are no rows, and recording will say what it makes of it."""
    (tmp_path / FOLDER).write_text("a file")
    assert newest_rows(tmp_path, 5) == []
    assert "cannot be listed: Not a directory" in caplog.text


def test_only_the_ends_of_the_newest_days_files_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much has been recorded, a start costs the same."""
    opened = []
    real = os.open

    def watched(place: Path, flags: int, mode: int = 0o777) -> int:
        opened.append(Path(place).name)
        return real(place, flags, mode)

    record(tmp_path, "ab12", row("a", -86_400))
    record(tmp_path, "ab12", *(row("a", number * 5) for number in range(2000)))
    monkeypatch.setattr(os, "open", watched)
    rows = newest_rows(tmp_path, 5)
    assert opened == ["2026-11-22.ab12.csv"]
    assert rows[-1] == row("a", 1999 * 5)
    whole_line = len("2026-11-22T12:00:00.000Z,a,BTC-USD,50000,,,1200.5,,87,\n")
    assert len(rows) == END_BYTES // whole_line
