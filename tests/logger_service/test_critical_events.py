import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from critical_events import CriticalEvents

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_the_newest_event_is_remembered_with_its_time() -> None:
    """And how many there were."""
    minutes = count()
    events = CriticalEvents(clock=lambda: NOON + timedelta(minutes=next(minutes)))
    assert (events.count, events.newest) == (0, None)
    events.report("disk", "the disk is full")
    events.report("logger command", "the logger command ended")
    assert events.count == 2
    assert events.newest == (
        "logger command",
        "the logger command ended",
        NOON + timedelta(minutes=1),
    )


def test_an_event_is_logged_as_critical(caplog: pytest.LogCaptureFixture) -> None:
    """With its reason, as it was told."""
    CriticalEvents().report("disk", "100 % of the disk is used")
    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [
        (logging.CRITICAL, "100 % of the disk is used")
    ]


def test_events_of_many_threads_are_all_counted() -> None:
    """Each reporter is a thread of its own."""
    events = CriticalEvents()
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(events.report, ["disk"] * 400, ["again"] * 400))
    assert events.count == 400


def test_whoever_listens_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """Each of them, and the reporter goes on when one fails."""
    events, told = CriticalEvents(clock=lambda: NOON), list[object]()
    events.listen(lambda _event: 1 // 0)
    events.listen(told.append)
    events.report("disk", "the disk is full")
    assert told == [("disk", "the disk is full", NOON)]
    assert "A listener failed at a critical event" in caplog.text


def test_an_end_is_told_to_those_who_want_it(caplog: pytest.LogCaptureFixture) -> None:
    """Once for each beginning, as a warning in the log; it counts as no event."""
    events, told = CriticalEvents(clock=lambda: NOON), list[object]()
    events.listen(lambda _event: None, lambda _event: 1 // 0)
    events.listen(lambda _event: None, told.append)
    events.over("disk", "it was never full")
    events.report("disk", "the disk is full")
    for _ in range(2):
        events.over("disk", "it takes rows again")
    assert told == [("disk", "it takes rows again", NOON)]
    assert (events.count, caplog.records[1].levelno) == (1, logging.WARNING)
    assert "A listener failed" in caplog.text
