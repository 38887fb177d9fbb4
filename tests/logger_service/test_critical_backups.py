import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest

from critical_events import CriticalEvents
from logger_service.own_destination import OwnDestination
from programs import wait_until
from pushing.critical_backups import LONGEST_REASON, PAUSE_SECONDS, CriticalBackups
from shared.errors import StorageUnavailable


class Running:
    """Critical backups to one or two destinations, whose clock a test turns."""

    def __init__(self, *own: OwnDestination) -> None:
        self.now = 0.0
        self.events = CriticalEvents()
        self.backups = CriticalBackups([one.destination for one in own], lambda: self.now)
        self.events.listen(self.backups.take)


@contextmanager
def running(*own: OwnDestination) -> Iterator[Running]:
    """They end with the block."""
    made = Running(*own)
    made.backups.start()
    try:
        yield made
    finally:
        made.backups.stop()


@pytest.fixture
def own(tmp_path: Path) -> OwnDestination:
    """A destination, and something to push."""
    made = OwnDestination(tmp_path)
    made.add_rows()
    return made


def test_an_event_is_backed_up_at_once(own: OwnDestination) -> None:
    """The backup says why it was made, and by whom."""
    with running(own) as critical:
        critical.events.report("disk", "the disk refuses rows: Input/output error")
        wait_until(lambda: own.destination.standing.number == 1)
    assert own.reasons == ["critical: disk: the disk refuses rows: Input/output error"]


def test_a_kind_is_backed_up_once_in_five_minutes(own: OwnDestination) -> None:
    """Another kind is not kept waiting by it."""
    own.before_open = own.add_rows  # else a second push would have nothing to store
    with running(own) as critical:
        for at in (0, 1, PAUSE_SECONDS - 1, PAUSE_SECONDS):
            critical.now = at
            critical.events.report("disk", f"at {at}")
            wait_until(lambda: bool(own.reasons))
        critical.events.report("no rows", "another kind")
        wait_until(lambda: len(own.reasons) == 3)
    assert own.reasons == [
        "critical: disk: at 0",
        "critical: disk: at 300",
        "critical: no rows: another kind",
    ]


def test_an_event_during_a_push_is_backed_up_next(own: OwnDestination) -> None:
    """What it brought about may not have been in the first one."""
    pushing, may_go_on = Event(), Event()

    def hold() -> None:
        own.before_open = own.add_rows  # the next push has something to store
        pushing.set()
        may_go_on.wait(30)

    own.before_open = hold
    with running(own) as critical:
        critical.events.report("disk", "first")
        assert pushing.wait(30)
        critical.events.report("no rows", "second")
        may_go_on.set()
        wait_until(lambda: own.destination.standing.number == 2)
    assert own.reasons == ["critical: disk: first", "critical: no rows: second"]


def test_every_provider_gets_one_whatever_becomes_of_the_others(
    own: OwnDestination, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The log names the one that failed, and the thread goes on."""
    broken = OwnDestination(tmp_path, "broken")

    def fail() -> None:
        raise StorageUnavailable("it is not there")

    broken.before_open = fail
    with running(broken, own) as critical:
        critical.events.report("disk", "first")
        wait_until(lambda: own.reasons == ["critical: disk: first"])
        wait_until(lambda: len(_errors(caplog)) == 1)
        broken.before_open = lambda: 1 // 0
        own.add_rows()
        critical.events.report("no rows", "second")
        wait_until(lambda: len(own.reasons) == 2)
        wait_until(lambda: len(_errors(caplog)) == 2)
    assert _errors(caplog) == [
        f"critical: {why}: no backup to {broken.provider.address}{how}"
        for why, how in [("disk: first", ": it is not there"), ("no rows: second", "")]
    ]
    assert broken.destination.standing.succeeded_at is None
    assert "by zero" in broken.destination.standing.error


def test_a_provider_that_hangs_does_not_hold_the_next_event_s_backup(
    own: OwnDestination, tmp_path: Path
) -> None:
    """The others have it at once."""
    hanging, hangs, may_go_on = OwnDestination(tmp_path, "hanging"), Event(), Event()

    def hang() -> None:
        hangs.set()
        may_go_on.wait(30)

    hanging.before_open = hang
    try:
        with running(hanging, own) as critical:
            critical.events.report("disk", "first")
            assert hangs.wait(30)
            wait_until(lambda: len(own.reasons) == 1)
            own.add_rows()
            critical.events.report("no rows", "second")
            wait_until(lambda: len(own.reasons) == 2)
            assert hanging.reasons == []
    finally:
        may_go_on.set()


def _errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelno == logging.ERROR]


def test_a_reason_is_one_short_line(own: OwnDestination) -> None:
    """Whatever an exception says of itself."""
    with running(own) as critical:
        critical.events.report("recorder failed", "two\nlines\x00 and " + "more " * 100)
        wait_until(lambda: bool(own.reasons))
    (reason,) = own.reasons
    assert reason.startswith("critical: recorder failed: two lines  and more more")
    assert (len(reason), reason[-1]) == (LONGEST_REASON, "…")
