from collections.abc import Collection
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Barrier, Event

import pytest

from polling import Poller
from quote import Quote
from unavailable import Cause, QuoteUnavailable

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass
class Scripted:
    """A source that answers as the test says, and only once it is released."""

    name: str
    offset: int = 0  # seconds after noon at which its answer arrives
    error: Exception | None = None
    released: Event = field(default_factory=Event)
    asked: Event = field(default_factory=Event)  # set by every call
    calls: int = 0
    stale_after: float | None = None

    def __post_init__(self) -> None:
        self.released.set()

    def quote(self) -> Quote:
        """One quote, or the error."""
        self.calls += 1
        self.asked.set()
        self.released.wait(30)
        if self.error:
            raise self.error
        at = NOON + timedelta(seconds=self.offset)
        return Quote(self.name, "1", "1", "1", "1", "", 1, at)


@dataclass
class Gathering:
    """A deadline that passes when all but `late` answers are there."""

    late: int = 0
    asked: list[Future[Quote]] = field(default_factory=list)

    def __call__(self, requests: Collection[Future[Quote]], seconds: float) -> None:
        """Wait for conditions alone."""
        assert seconds == 4
        self.asked = list(requests)
        on_time = self.asked[: len(self.asked) - self.late]
        assert not wait(on_time, timeout=30).not_done


def names(quotes: list[Quote]) -> list[str]:
    """Which sources answered, in order."""
    return [quote.source for quote in quotes]


def test_all_sources_are_asked_at_the_same_time() -> None:
    """Each request ends only when both have begun."""
    meeting = Barrier(2, timeout=30)

    class Meeting(Scripted):
        def quote(self) -> Quote:
            meeting.wait()
            return super().quote()

    poller = Poller([Meeting("a"), Meeting("b")], 4, Gathering())
    assert names(poller.poll()) == ["a", "b"]
    poller.close()


def test_answers_come_in_the_order_of_arrival() -> None:
    """Not in that of the setting."""
    poller = Poller([Scripted("slow", 2), Scripted("fast", 0), Scripted("mid", 1)], 4, Gathering())
    assert names(poller.poll()) == ["fast", "mid", "slow"]
    poller.close()


@pytest.mark.parametrize(
    "error", [QuoteUnavailable("down", name="b", cause=Cause.SERVER), ZeroDivisionError()]
)
def test_a_failing_source_does_not_stop_the_others(error: Exception) -> None:
    """Whether it fails as foreseen or not."""
    poller = Poller([Scripted("a"), Scripted("b", error=error), Scripted("c")], 4, Gathering())
    assert names(poller.poll()) == ["a", "c"]
    assert poller.failures == {"b": 1}
    poller.close()


def test_trouble_is_logged_when_it_begins_and_when_it_is_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A day without an exchange is two lines and a count, not one line per tick."""
    source = Scripted(
        "kraken", error=QuoteUnavailable("EService:Busy", name="kraken", cause=Cause.SERVER)
    )
    poller = Poller([source], 4, Gathering())
    for _ in range(5):
        poller.poll()
    source.error = None
    for _ in range(2):
        poller.poll()
    assert [record.message for record in caplog.records] == [
        "Source kraken fails: EService:Busy",
        "Source kraken answers again",
    ]
    assert poller.failures == {"kraken": 5}
    poller.close()


def test_an_unforeseen_error_is_logged_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    """It is a fault of ours, and the line alone would not find it."""
    poller = Poller([Scripted("a", error=ZeroDivisionError("ours"))], 4, Gathering())
    poller.poll()
    assert "Traceback" in caplog.text
    poller.close()


def test_a_late_answer_is_dropped_and_its_source_left_alone_until_then() -> None:
    """One request at a time: a source that hangs is asked again only when it has answered."""
    late = Scripted("b")
    late.released.clear()
    gathering = Gathering(late=1)
    poller = Poller([Scripted("a"), late], 4, gathering)
    assert names(poller.poll()) == ["a"]
    hanging = gathering.asked[1]

    gathering.late = 0
    assert names(poller.poll()) == ["a"]
    assert late.asked.wait(30)
    assert (late.calls, poller.late, poller.failures) == (1, {"b": 1}, {"b": 2})

    late.released.set()
    wait([hanging], timeout=30)
    assert names(poller.poll()) == ["a", "b"]
    assert late.calls == 2
    poller.close()
