"""What is kept in reserve of a time limit: work that would use it all up could commit nothing."""

from pathlib import Path

import pytest

from engine.archives import JOB, SERVICE, LocalStore, WatchedSource, back_up, rows, write
from jobs.scripted_logger import ScriptedLogger
from shared.backup import backup
from shared.drill import DrillOptions, drill
from shared.errors import SourceUnreachable
from shared.http_source import HttpSource
from shared.time_limit import TimeLimit


class Used(TimeLimit):
    """A limit of which so much is used up, whatever the clock says."""

    def __init__(self, share: float) -> None:
        super().__init__(3600)
        self._used = share

    def left(self, share: float = 1) -> float | None:
        """Nothing of a share that is used up."""
        return max((share - self._used) * 3600, 0)


@pytest.mark.parametrize(("used", "result"), [(0.5, "created"), (0.7, "partial")])
def test_a_backup_stops_fetching_in_time_to_commit(
    data: Path, local: LocalStore, used: float, result: str
) -> None:
    """A third of the time and more is left by then."""
    write(data, "a.csv", rows(100))
    assert backup(WatchedSource(data), local.provider, JOB, limit=Used(used)).result == result


@pytest.mark.parametrize(("used", "result"), [(0.6, "passed"), (0.8, "partial")])
def test_a_drill_stops_reading_in_time_to_store_its_verdict(
    data: Path, local: LocalStore, used: float, result: str
) -> None:
    """And to have lost chunks stored again."""
    write(data, "a.csv", rows(100))
    back_up(data, local.provider)
    report = drill([local.provider], SERVICE, DrillOptions(limit=Used(used)))
    assert report.result == result


@pytest.mark.parametrize("used", [0.7, 0.9])
def test_an_answer_that_drips_is_given_up_in_time(used: float) -> None:
    """Each piece of it may come soon enough, and all of them too late."""
    with ScriptedLogger() as logger:
        source = HttpSource(logger.url, "token", limit=Used(used))
        if used < 0.8:
            assert source.snapshot().files == ()
            return
        with pytest.raises(SourceUnreachable, match="had come when time ran out"):
            source.snapshot()
