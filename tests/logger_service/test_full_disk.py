import errno
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.quote import Quote
from record.price_files import PriceFiles

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = "BTC-USD/2026-11-22.ab12.csv"


def quote(number: int, at: datetime = NOON) -> Quote:
    """A quote that is told from the others by its price."""
    return Quote("kraken", f"{number}.50000", "1", "2", "3", "", 5, at)


class Disk:
    """Takes of each write only as many bytes as there is room for; None is room enough."""

    def __init__(self) -> None:
        self.room: int | None = None
        self._write = os.write

    def write(self, descriptor: int, data: bytes) -> int:
        """As `os.write` on a disk that is nearly full."""
        if self.room == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self._write(descriptor, data[: self.room])


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """A disk below `os.write` that the test fills and frees."""
    disk = Disk()
    monkeypatch.setattr(os, "write", disk.write)
    return disk


def test_a_short_write_is_completed_by_the_next_tick(tmp_path: Path, disk: Disk) -> None:
    """The torn row is whole again before the next one begins, and only then it counts."""
    files = PriceFiles(tmp_path, "ab12")
    files.write([quote(1)])
    disk.room = 10
    files.write([quote(2)])
    assert files.rows == 1
    assert not (tmp_path / DAY).read_bytes().endswith(b"\n")
    disk.room = None
    files.write([quote(3)])
    assert prices(tmp_path) == ["1.50000", "2.50000", "3.50000"]
    assert files.rows == 3


def test_a_tick_without_quotes_completes_it_too(tmp_path: Path, disk: Disk) -> None:
    """Rows that wait do not wait for an exchange."""
    files = PriceFiles(tmp_path, "ab12")
    disk.room = 100
    files.write([quote(1)])
    assert files.last_row_at is None
    disk.room = None
    files.write([])
    assert prices(tmp_path) == ["1.50000"]
    assert files.last_row_at == NOON


def test_a_full_disk_delays_rows_and_loses_none(
    tmp_path: Path, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told when it begins and when it is over; all rows are there once there is room."""
    files = PriceFiles(tmp_path, "ab12")
    disk.room = 0
    files.write([quote(1)])
    files.write([quote(2)])
    assert (files.rows, files.waiting) == (0, 2)
    disk.room = None
    files.write([quote(3)])
    assert (files.rows, files.waiting) == (3, 0)
    assert [record.message for record in caplog.records] == [
        "the disk refuses rows, which wait in memory: [Errno 28] No space left on device",
        "The disk takes rows again: 2 that waited are written",
    ]
    assert prices(tmp_path) == ["1.50000", "2.50000", "3.50000"]


def test_a_disk_that_fills_within_a_row_is_told_too(tmp_path: Path, disk: Disk) -> None:
    """The write that was taken in part raised nothing; the next one does."""
    told: list[str] = []
    files = PriceFiles(tmp_path, "ab12", report=told.append)
    disk.room = 100
    files.write([quote(1)])
    disk.room = 0
    for number in (2, 3):
        files.write([quote(number)])
    assert told == [
        "the disk refuses rows, which wait in memory: [Errno 28] No space left on device"
    ]


def test_what_has_no_room_in_memory_is_counted_and_told_once(tmp_path: Path, disk: Disk) -> None:
    """The oldest rows are kept, so that the history is whole up to one moment."""
    told: list[str] = []
    files = PriceFiles(tmp_path, "ab12", room=3, report=told.append)
    disk.room = 0
    for number in range(1, 6):
        files.write([quote(number)])
    assert (files.waiting, files.refused, files.taken) == (3, 2, 5)
    disk.room = None
    files.write([quote(6)])
    assert prices(tmp_path) == ["1.50000", "2.50000", "3.50000", "6.50000"]
    assert told[1:] == ["3 rows wait for the disk: there is no room for more"]
    assert files.refused == 2


def test_rows_that_wait_over_midnight_still_reach_their_day(tmp_path: Path, disk: Disk) -> None:
    """A new day does not let go of the old one's rows."""
    files = PriceFiles(tmp_path, "ab12")
    disk.room = 30
    files.write([quote(1)])
    disk.room = None
    files.write([quote(2, NOON + timedelta(days=1))])
    assert prices(tmp_path) == ["1.50000"]


def test_rows_that_a_full_disk_never_took_are_reported(
    tmp_path: Path, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    """Closing tries once more; what is lost then is said, not hidden."""
    files = PriceFiles(tmp_path, "ab12")
    disk.room = 0
    files.write([quote(1)])
    files.close()
    assert "1 rows are lost" in caplog.text


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_deleted_file_is_begun_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    """Rows that went on into it would be seen by nobody; the log says what is gone."""
    files = PriceFiles(tmp_path, "ab12")
    files.write([quote(1)])
    (path,) = files.paths()
    if what == "file":
        (tmp_path / path).unlink()
    else:
        shutil.rmtree(tmp_path / path.partition("/")[0])
    files.write([quote(2)])
    files.write([quote(3)])
    assert prices(tmp_path) == ["2.50000", "3.50000"]
    assert files.rows == 2
    assert f"{path} has been deleted with 1 rows" in caplog.text
    assert files.paths() == {path}


def test_a_deleted_file_of_another_day_is_begun_anew(tmp_path: Path) -> None:
    """It was closed at midnight, and the clock is set back."""
    files = PriceFiles(tmp_path, "ab12")
    files.write([quote(1)])
    files.write([quote(2, NOON + timedelta(days=1))])
    (tmp_path / DAY).unlink()
    files.write([quote(3)])
    assert prices(tmp_path) == ["3.50000"]


def test_a_file_deleted_within_a_row_begins_with_a_whole_one(tmp_path: Path, disk: Disk) -> None:
    """The rest of a torn row would be none."""
    files = PriceFiles(tmp_path, "ab12")
    disk.room = 100
    files.write([quote(1)])
    disk.room = None
    shutil.rmtree(tmp_path / "BTC-USD")
    files.write([quote(2)])
    assert prices(tmp_path) == ["2.50000"]


def test_a_file_deleted_before_its_header_has_one(tmp_path: Path, disk: Disk) -> None:
    """Somebody makes room by deleting the empty file of a disk that took none of it."""
    files = PriceFiles(tmp_path, "ab12")
    disk.room = 0
    files.write([quote(1)])
    disk.room = None
    (tmp_path / DAY).unlink()
    files.write([quote(2)])
    assert prices(tmp_path) == ["1.50000", "2.50000"]
    assert (files.rows, files.taken) == (2, 2)


def test_closing_writes_what_waits(tmp_path: Path, disk: Disk) -> None:
    """The last rows before a shutdown are the ones that exist nowhere else."""
    files = PriceFiles(tmp_path, "ab12")
    disk.room = 50
    files.write([quote(1)])
    disk.room = None
    files.close()
    assert prices(tmp_path) == ["1.50000"]


def test_a_failed_sync_repeats_no_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The bytes are in the file, whatever fsync says of the disk; writing them again adds rows."""
    files = PriceFiles(tmp_path, "ab12")
    real = os.fsync

    def failing(descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(descriptor))

    files.write([quote(1)])
    monkeypatch.setattr(os, "fsync", failing)
    files.write([quote(2)])
    monkeypatch.setattr(os, "fsync", real)
    files.write([quote(3)])
    assert prices(tmp_path) == ["1.50000", "2.50000", "3.50000"]
    assert "Input/output error" in caplog.text


def test_each_time_that_a_sync_fails_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Although no row waits for it: the bytes were taken, and may be gone after a power cut."""
    told: list[str] = []
    real, is_failing = os.fsync, [False]

    def sync(descriptor: int) -> None:
        if is_failing[0]:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", sync)
    files = PriceFiles(tmp_path, "ab12", report=told.append)
    for number, fails in enumerate([False, True, True, False, False, True, False], start=1):
        is_failing[0] = fails
        files.write([quote(number)])
        files.write([])  # a tick without rows says nothing of the disk
    assert len(told) == 2
    assert caplog.text.count("The disk takes rows again") == 2


@given(rooms=st.lists(st.none() | st.integers(0, 250), max_size=12))
def test_whatever_the_disk_takes_all_rows_end_whole_and_in_order(
    rooms: list[int | None], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """After any run of short and refused writes, one good write leaves a perfect file."""
    directory = tmp_path_factory.mktemp("data")
    disk = Disk()
    files = PriceFiles(directory, "ab12")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "write", disk.write)
        for number, room in enumerate([*rooms, None], start=1):
            disk.room = room
            files.write([quote(number)])
        files.close()
    assert prices(directory) == [f"{number}.50000" for number in range(1, len(rooms) + 2)]


def prices(directory: Path) -> list[str]:
    """The price of each row of the day's file, whose header and lines must be whole."""
    header, *rows = (directory / DAY).read_text().splitlines(keepends=True)
    assert header.startswith("ts_utc,")
    assert all(row.endswith("\n") and row.count(",") == 9 for row in rows)
    return [row.split(",")[3] for row in rows]
