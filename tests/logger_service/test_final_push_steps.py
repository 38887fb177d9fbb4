import logging
import shutil
from pathlib import Path
from threading import Event

import pytest

from engine.archives import rows, write
from logger_service.own_destination import OwnDestination
from pushing.destination import LONGEST_CALL
from pushing.final_push import final_push
from shared.errors import StorageUnavailable
from shared.history import numbers, read_manifest
from shared.parallel import in_background
from shared.time_limit import TimeLimit

SECONDS = 20.0
AHEAD = -1  # hours ago: no test can set when a file's status changed
LATER = 600  # seconds from now on, when the instance began


@pytest.fixture
def own(tmp_path: Path) -> OwnDestination:
    """A destination with a day that was there before, and one that has changed since."""
    made = OwnDestination(tmp_path, seconds=LATER)
    write(made.data, "done.csv", rows(1000))
    write(made.data, "today.csv", rows(500), AHEAD)
    return made


def finish(own: OwnDestination, limit: TimeLimit | None = None) -> None:
    """The final push to it."""
    final_push([own.destination], own.data, limit or TimeLimit(SECONDS))


def stored(own: OwnDestination) -> list[set[str]]:
    """The paths that each backup names, the oldest first."""
    found = numbers(own.provider)
    return [{file.path for file in read_manifest(own.provider, one).files} for one in found]


def said(own: OwnDestination, caplog: pytest.LogCaptureFixture) -> list[str]:
    """The log's messages about this destination, which another test's push may outlive."""
    told = [one.getMessage().partition(": ") for one in caplog.records]
    return [message for about, _, message in told if own.provider.address in about]


def test_what_changed_comes_first_and_then_the_rest(
    own: OwnDestination, caplog: pytest.LogCaptureFixture
) -> None:
    """Two backups, because the first one must not wait for the digests of a year."""
    caplog.set_level(logging.INFO)
    finish(own)
    assert stored(own) == [{"today.csv"}, {"done.csv", "today.csv"}]
    assert said(own, caplog) == ["backup 1, 500 new bytes", "the rest: backup 2, 1000 new bytes"]


class PartlyGone(TimeLimit):
    """A limit of which a share is used up, and stays so."""

    def __init__(self, gone: float) -> None:
        super().__init__(SECONDS)
        self._gone = gone

    def left(self, share: float = 1) -> float:
        """Nothing of what is gone."""
        return max(SECONDS * (share - self._gone), 0)


def test_the_rest_is_left_when_half_of_the_time_is_gone(own: OwnDestination) -> None:
    """It lay there before, and other pushes and pulls have seen it."""
    finish(own, PartlyGone(0.5))
    assert stored(own) == [{"today.csv"}]


def test_the_rest_has_the_time_that_is_left(own: OwnDestination) -> None:
    """Each call has a share of that, however much is gone."""
    finish(own, PartlyGone(0.4))
    assert stored(own) == [{"today.csv"}, {"done.csv", "today.csv"}]
    assert own.patience == pytest.approx(LONGEST_CALL * 0.6 * SECONDS, rel=0.2)


def test_a_push_that_failed_is_tried_again(own: OwnDestination) -> None:
    """While there is time; and each call has a share of what is left."""
    tries: list[float] = []

    def fail_twice() -> None:
        tries.append(own.patience or 0)
        if len(tries) < 3:
            raise StorageUnavailable("it is not there")

    own.before_open = fail_twice
    finish(own)
    assert stored(own)[0] == {"today.csv"}
    assert sorted(tries, reverse=True) == tries
    assert 0 < tries[-1] < tries[0] <= SECONDS * LONGEST_CALL


def test_a_data_directory_that_is_gone_is_not_waited_for(
    own: OwnDestination, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is there to be saved."""
    tries: list[int] = []
    own.before_open = lambda: tries.append(1)
    shutil.rmtree(own.data)
    finish(own)
    assert len(tries) == 1
    assert "what is unsaved cannot be told: the data directory" in caplog.text


def test_what_could_not_be_saved_is_told(
    own: OwnDestination, caplog: pytest.LogCaptureFixture
) -> None:
    """Less what an earlier push has brought there."""
    finish(own)
    write(own.data, "today.csv", rows(500) + b"one\ntwo\n", AHEAD)
    write(own.data, "state.json", b"{}\n", AHEAD)

    def fail() -> None:
        raise StorageUnavailable("it is not there")

    own.before_open = fail
    finish(own, TimeLimit(0.3))
    assert said(own, caplog)[-1] == (
        "it is not there; at most 2 files with 2 new lines are on this disk alone"
    )


def test_an_error_that_nobody_foresaw_is_told_too(
    own: OwnDestination, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """And the other destination gets all."""
    other = OwnDestination(tmp_path, "other", seconds=LATER)
    own.before_open = lambda: 1 // 0
    final_push([own.destination, other.destination], own.data, TimeLimit(SECONDS))
    assert f"final push to {own.provider.address} failed: ZeroDivisionError" in caplog.text
    assert stored(other)[-1] == {"done.csv", "today.csv"}


def test_one_that_hangs_is_not_waited_for(
    own: OwnDestination, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever it hangs in: a storage's address may not even be found."""
    may_end = Event()
    own.before_open = may_end.wait
    finish(own, TimeLimit(0.2))
    assert said(own, caplog) == ["it did not end in time"]
    assert own.destination.standing.error == "the final push did not end in time"
    may_end.set()


def test_a_push_that_hangs_does_not_keep_the_next_one_away(own: OwnDestination) -> None:
    """They would only be in each other's way: it waits a little, and then goes on."""
    running, may_end = Event(), Event()

    def hold() -> None:
        own.before_open = lambda: None
        running.set()
        may_end.wait(30)

    own.before_open = hold
    hanging = in_background(lambda: own.destination.push("interval", TimeLimit(SECONDS)))
    assert running.wait(30)
    finish(own, TimeLimit(2))
    assert stored(own)[0] == {"today.csv"}
    may_end.set()
    assert hanging.result(30).is_whole
