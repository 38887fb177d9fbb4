"""The logger on a disk that is really full: a file system in memory with room for little."""

import csv
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from job_processes import running_logger

FAST = {"LOG_INTERVAL_SECONDS": "0.02"}


def mount(*words: str) -> bool:
    """Whether a mount worked."""
    if shutil.which("mount") is None:
        return False
    return subprocess.run(["mount", *words], capture_output=True, check=False).returncode == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A directory on a tmpfs of 64 KiB."""
    place = tmp_path / "small"
    place.mkdir()
    if not mount("-t", "tmpfs", "-o", "size=64k", "none", str(place)):
        pytest.skip("a tmpfs cannot be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_rows_wait_for_a_full_disk_and_none_is_lost(logger_folder: Path, small_disk: Path) -> None:
    """It is told when it begins and when it is over, and in the end all rows are there in order."""
    with running_logger(logger_folder, small_disk, **FAST) as logger:
        logger.wait_for_line(
            "CRITICAL the disk refuses rows, which wait in memory: .*No space left"
        )
        assert mount("-o", "remount,size=16m", str(small_disk))
        waited = int(logger.wait_for_line(r"The disk takes rows again: (\d+) that waited")[1])
    written = int(logger.wait_for_line(r"stopped; (\d+) rows written")[1])
    assert waited > 0
    times = []
    for place in sorted(small_disk.rglob("*.csv")):
        text = place.read_text()
        assert text.endswith("\n")
        times += [row["ts_utc"] for row in csv.DictReader(text.splitlines())]
    assert len(times) == written
    assert times == sorted(set(times))
    assert "disk" not in logger.wait_for_line(r"stopped; .*")[0]


def test_rows_that_a_full_disk_never_takes_are_told_at_the_end(
    logger_folder: Path, small_disk: Path
) -> None:
    """The exit is in order, and the log says how many rows are lost for want of a disk."""
    with running_logger(logger_folder, small_disk, **FAST) as logger:
        logger.wait_for_line("the disk refuses rows")
    lost = int(logger.wait_for_line(r"CRITICAL .*\.csv: ([1-9]\d*) rows are lost")[1])
    logger.wait_for_line(rf"stopped; \d+ rows written.*, {lost} not taken by the disk")
    assert "Traceback" not in logger.output
