import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import time

import pytest

from logger_service.own_destination import OwnDestination
from programs import wait_until
from pushing.local_backups import LocalBackups
from shared.errors import StorageUnavailable
from shared.history import numbers

OFTEN = 0.01  # seconds


@pytest.fixture
def own(tmp_path: Path) -> OwnDestination:
    """A destination, and something to push."""
    made = OwnDestination(tmp_path)
    made.add_rows()
    return made


@contextmanager
def running(own: OwnDestination, interval: float = OFTEN, keep: int = 10) -> Iterator[None]:
    """Local backups that end with the block."""
    backups = LocalBackups(own.destination, interval, keep)
    backups.start()
    try:
        yield
    finally:
        backups.stop()


def make(own: OwnDestination, count: int) -> None:
    """Go on until there have been so many backups."""
    for number in range(own.destination.standing.number + 1, count + 1):
        own.add_rows()
        wait_until(lambda wanted=number: own.destination.standing.number >= wanted)  # type: ignore[misc]  # bound now


def test_a_backup_is_made_whenever_there_is_something_new(
    own: OwnDestination, caplog: pytest.LogCaptureFixture
) -> None:
    """With the reason `interval`; one line for each, and none where nothing is new."""
    caplog.set_level("INFO")
    pushes = []
    own.before_open = lambda: pushes.append(1)
    with running(own):
        make(own, 2)
        seen = len(pushes)
        wait_until(lambda: len(pushes) > seen + 10)
    assert own.reasons == ["interval"] * len(own.reasons)
    lines = [one.getMessage() for one in caplog.records if one.levelname == "INFO"]
    assert len(lines) == len(own.reasons) < len(pushes) / 2
    assert lines[0].startswith(f"backup 1 to {own.provider.address}: ")


def test_the_first_one_comes_after_one_interval(own: OwnDestination) -> None:
    """A start has other things to do."""
    with running(own, interval=3600):
        pass
    assert own.reasons == []


def test_only_the_newest_few_are_kept(own: OwnDestination, tmp_path: Path) -> None:
    """Of those that are older than an hour: a younger one may be some writer's parent."""
    with running(own, keep=2):
        make(own, 4)
        assert len(numbers(own.provider)) >= 4
        long_ago = time() - 2 * 3600
        for place in (tmp_path / "backups" / "backups").iterdir():
            os.utime(place, (long_ago, long_ago))
        wait_until(lambda: len(numbers(own.provider)) == 2)
    assert numbers(own.provider)[-1] == own.destination.standing.number


def test_failures_are_told_when_they_begin_and_when_they_end(
    own: OwnDestination, caplog: pytest.LogCaptureFixture
) -> None:
    """Once each, whatever it was that failed; and the next one is made."""
    failures = []

    def fail() -> None:
        failures.append(1)
        if len(failures) % 2:
            raise StorageUnavailable("it is not there")
        raise ZeroDivisionError

    own.before_open = fail
    with running(own):
        wait_until(lambda: len(failures) > 3)
        own.before_open = lambda: None
        wait_until(lambda: "succeed again" in caplog.text)
    address = own.provider.address
    assert [one.getMessage() for one in caplog.records if one.levelno >= 30] == [
        f"backups to {address} fail: it is not there",
        f"backups to {address} succeed again",
    ]
