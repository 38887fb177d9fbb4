"""A push in two steps, what changed and then the rest, is told as the one backup that it is."""

from pathlib import Path

import pytest

from engine.archives import rows, touch, write
from logger_service.own_destination import OwnDestination
from operating.job_progress import JobProgress
from shared.time_limit import TimeLimit

LATER = 600  # seconds from now on, when the instance began


@pytest.fixture
def own(tmp_path: Path) -> OwnDestination:
    """With a file from before the instance began."""
    own = OwnDestination(tmp_path, seconds=LATER)
    write(own.data, "old.csv", rows(300))
    return own


def add_rows(own: OwnDestination) -> None:
    """Rows that the instance has written."""
    own.add_rows()
    touch(own.data / "day.csv", hours_ago=-1)


def test_both_steps_are_counted(own: OwnDestination) -> None:
    """Old files come in the second step; the bytes of both are new."""
    add_rows(own)
    size = (own.data / "day.csv").stat().st_size
    progress = JobProgress()
    report = own.destination.push_newest_first("manual", TimeLimit(60), progress.part()).report
    assert (report.result, report.number, report.files) == ("created", 2, 2)
    assert report.new_bytes == 300 + size
    assert report.wire_bytes == {"listing": 0, "data": 0}
    progress.end()
    told = progress.as_dict()
    assert (told["files"], told["files_done"]) == (2, 2)
    assert told["bytes"] == told["bytes_done"] == 300 + size


def test_a_second_step_without_news_does_not_hide_the_first(own: OwnDestination) -> None:
    """What changed is there already when the rest turns out to be, too."""
    own.destination.push("interval", TimeLimit(60))
    add_rows(own)
    report = own.destination.push_newest_first("manual", TimeLimit(60)).report
    assert (report.result, report.number) == ("created", 2)
    again = own.destination.push_newest_first("manual", TimeLimit(60)).report
    assert (again.result, again.number) == ("nothing new", 2)
