"""Of loggers that start on one disk at the same moment, one has the mark, and none is alarmed."""

import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from running_mark import RunningMark
from shared.running import is_running

LOGGERS = 8


@pytest.mark.parametrize("disk", range(10))
def test_of_several_that_start_at_once_one_has_the_mark(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, disk: int
) -> None:
    """The others say so, and what they find is no unclean end."""
    data, begin = tmp_path / str(disk), Barrier(LOGGERS)
    marks = [RunningMark(data) for _ in range(LOGGERS)]

    def start(number: int) -> str:
        begin.wait()
        return marks[number].set(f"{number:08d}")

    with caplog.at_level(logging.WARNING), ThreadPoolExecutor(LOGGERS) as threads:
        assert [*threads.map(start, range(LOGGERS))] == [""] * LOGGERS
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == LOGGERS - 1
    assert all("another logger runs with the same DATA_DIR" in line for line in told)
    assert is_running(data)
    for mark in marks:
        mark.remove()
    assert list((data / ".backup").iterdir()) == [data / ".backup" / "incoming"]
    assert list((data / ".backup" / "incoming").iterdir()) == []
