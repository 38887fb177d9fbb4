"""Reading passes over whatever is no price file of ours or no row, and says how much that was."""

import logging
import os
from datetime import timedelta
from pathlib import Path

import pytest

from logger_service.quoted import NOON
from logger_service.recorded_days import row, write_file
from market.quote import SYMBOL
from reading.passed_over import PassedOver
from reading.price_range import PriceRange, rows_in_range
from record.price_row import HEADER, line_of

DAY = timedelta(days=1)
MIDNIGHT = NOON.replace(hour=0)


def read(data_dir: Path, passed_over: PassedOver, days: int = 1) -> list[bytes]:
    """The lines from midnight on."""
    wanted = PriceRange(MIDNIGHT, MIDNIGHT + days * DAY)
    return [found.line + b"\n" for found in rows_in_range(data_dir, wanted, 5, passed_over)]


def test_where_nothing_was_recorded_there_is_nothing(tmp_path: Path) -> None:
    """And nothing to tell."""
    passed_over = PassedOver()
    assert read(tmp_path, passed_over) == []
    assert (passed_over.files, passed_over.lines) == (0, 0)


@pytest.mark.parametrize(
    "bad",
    [b"2026-11-22T12:00:05.000Z,kraken,BTC-USD,500", b"\0" * 5000 + b"\n", b"\n", b"x" * 90_000],
)
def test_a_line_that_is_no_row_is_counted(tmp_path: Path, bad: bytes) -> None:
    """Torn at the end, zeros after a crash, an empty line, one that is longer than any row."""
    good = row()
    place = write_file(tmp_path, "ab12", good)
    with place.open("ab") as file:
        file.write(bad)
    passed_over = PassedOver()
    assert read(tmp_path, passed_over) == [line_of(good)]
    assert (passed_over.files, passed_over.lines) == (0, 1)


def test_rows_behind_a_bad_line_are_read(tmp_path: Path) -> None:
    """However long it is."""
    good = row()
    place = write_file(tmp_path, "ab12")
    place.write_bytes(HEADER + b"x" * 90_000 + b"\n" + line_of(good))
    passed_over = PassedOver()
    assert read(tmp_path, passed_over) == [line_of(good)]
    assert passed_over.lines == 1


def test_a_row_of_another_day_is_passed_over(tmp_path: Path) -> None:
    """The recorder never wrote it there."""
    write_file(tmp_path, "ab12", row(at=NOON + DAY))
    passed_over = PassedOver()
    assert read(tmp_path, passed_over, days=2) == []
    assert passed_over.lines == 1


def test_files_that_are_no_price_files_are_passed_over(tmp_path: Path) -> None:
    """A foreign header, a link, a pipe that nobody writes to, a day that no calendar has."""
    good = row()
    folder = write_file(tmp_path, "ab12", good).parent
    (folder / "2026-11-22.foreign.csv").write_bytes(b"time,price\n1,2\n")
    (folder / "2026-11-22.link.csv").symlink_to(folder / "2026-11-22.ab12.csv")
    os.mkfifo(folder / "2026-11-22.pipe.csv")
    (folder / "2026-13-45.ab12.csv").write_bytes(HEADER)
    (folder / "2026-11-22.begun.csv").write_bytes(HEADER[:10])
    (folder / "notes.csv").write_bytes(b"mine\n")
    passed_over = PassedOver()
    assert read(tmp_path, passed_over) == [line_of(good)]
    assert (passed_over.files, passed_over.lines) == (3, 0)


def test_files_of_other_days_are_not_opened(tmp_path: Path) -> None:
    """Not even those of a day whose midnight is the range's end: a link there is not met."""
    for day in (-1, 1):
        link = tmp_path / SYMBOL / f"{NOON + day * DAY:%Y-%m-%d}.ab12.csv"
        link.parent.mkdir(exist_ok=True)
        link.symlink_to("nowhere")
    passed_over = PassedOver()
    assert read(tmp_path, passed_over) == []
    assert passed_over.files == 0
    assert read(tmp_path, passed_over, days=2) == []
    assert passed_over.files == 1


def test_what_was_passed_over_is_told_with_an_example(caplog: pytest.LogCaptureFixture) -> None:
    """One line for all files, one for all lines."""
    passed_over = PassedOver()
    for name in ("first.csv", "second.csv"):
        passed_over.file(name, "it has another header")
        passed_over.line(name, b"torn")
    with caplog.at_level(logging.WARNING):
        passed_over.tell("/prices")
    assert [record.message for record in caplog.records] == [
        "/prices passed over 2 files: first.csv: it has another header",
        "/prices passed over 2 lines: first.csv: b'torn'",
    ]
