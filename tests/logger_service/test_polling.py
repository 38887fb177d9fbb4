from collections.abc import Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Barrier, Event

import pytest

from logger_service.quoted import NOON, unavailable
from market.quote import Quote
from market.unavailable import Cause, QuoteUnavailable
from polling.parking import LONGEST_PAUSE, Park
from polling.poller import Poller


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

    def __call__(self, requests: Mapping[str, Future[Quote]], seconds: float) -> None:
        """Wait for conditions alone."""
        assert seconds == 4
        self.asked = list(requests.values())
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

    poller = Poller([Meeting("a"), Meeting("b")], 4, gather=Gathering())
    assert names(poller.poll()) == ["a", "b"]
    poller.close()


def test_answers_come_in_the_order_of_arrival() -> None:
    """Not in that of the setting."""
    poller = Poller(
        [Scripted("slow", 2), Scripted("fast", 0), Scripted("mid", 1)], 4, gather=Gathering()
    )
    assert names(poller.poll()) == ["fast", "mid", "slow"]
    poller.close()


@pytest.mark.parametrize(
    "error", [QuoteUnavailable("down", name="b", cause=Cause.BAD_BODY), ZeroDivisionError()]
)
def test_a_failing_source_does_not_stop_the_others(error: Exception) -> None:
    """Whether it fails as foreseen or not."""
    poller = Poller(
        [Scripted("a"), Scripted("b", error=error), Scripted("c")], 4, gather=Gathering()
    )
    assert names(poller.poll()) == ["a", "c"]
    cause = error.cause if isinstance(error, QuoteUnavailable) else "unforeseen"
    assert poller.missing == {("b", cause): 1}
    poller.close()


def test_trouble_is_logged_when_it_begins_when_a_pause_grows_and_when_it_is_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A day without an exchange is a few lines and a count, not one line per tick."""
    source = Scripted("kraken", error=unavailable(Cause.BAD_BODY))
    time = [0.0]
    poller = Poller([source], 4, gather=Gathering(), monotonic=lambda: time[0])
    for _ in range(24 * 720):
        poller.poll()
        time[0] += 5
    source.error = None
    time[0] += LONGEST_PAUSE
    for _ in range(2):
        poller.poll()
    failures = source.calls - 2
    pauses = [
        f"kraken is down; it is left alone for {pause} s" for pause in (60, 120, 240, 480, 900)
    ]
    assert [record.message for record in caplog.records] == [
        "Source kraken (bad_body): kraken is down",
        *(f"Source kraken (bad_body): {pause}" for pause in pauses),
        f"Source kraken answers again, after {failures} failures",
    ]
    assert poller.missing.total() == 24 * 720
    poller.close()


def test_an_unforeseen_error_is_logged_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    """It is a fault of ours, and the line alone would not find it."""
    poller = Poller([Scripted("a", error=ZeroDivisionError("ours"))], 4, gather=Gathering())
    poller.poll()
    assert "Traceback" in caplog.text
    poller.close()


def test_a_late_answer_is_dropped_and_its_source_left_alone_until_then() -> None:
    """One request at a time: a source that hangs is asked again only when it has answered."""
    late = Scripted("b")
    poller = Poller([Scripted("a"), late], 4, gather=(gathering := Gathering(late=1)))
    hanging = hang(poller, late, gathering)
    assert names(poller.poll()) == ["a"]
    assert (late.calls, poller.missing) == (1, {("b", "late"): 1, ("b", "busy"): 1})

    late.released.set()
    wait([hanging], timeout=30)
    assert names(poller.poll()) == ["a", "b"]
    assert late.calls == 2
    poller.close()


def test_what_a_late_answer_says_of_asking_again_holds() -> None:
    """A ban is one, even if it was told after the deadline."""
    late = Scripted("b", error=unavailable(Cause.RATE_LIMITED, retry_after=3600))
    poller = Poller([Scripted("a"), late], 4, gather=(gathering := Gathering(late=1)))
    hanging = hang(poller, late, gathering)
    late.released.set()
    wait([hanging], timeout=30)
    assert names(poller.poll()) == ["a"]
    assert (late.calls, poller.missing) == (1, {("b", "late"): 1, ("b", "parked"): 1})
    poller.close()


def test_a_source_that_hangs_is_parked_in_the_end() -> None:
    """A deadline missed is a failure like another."""
    late = Scripted("b")
    gathering = Gathering()
    poller = Poller([Scripted("a"), late], 4, gather=gathering)
    for _ in range(3):
        gathering.late = 1
        late.released.clear()
        late.asked.clear()
        hanging = hang(poller, late, gathering)
        late.released.set()
        wait([hanging], timeout=30)
    poller.poll()
    assert poller.missing == {("b", "late"): 3, ("b", "parked"): 1}
    assert poller.parked()["b"].cause is Cause.NETWORK
    poller.close()


def test_a_parked_source_is_not_asked_until_its_time_is_over() -> None:
    """Then it is probed once; the others are asked at each tick."""
    banned = Scripted("b", error=unavailable(Cause.RATE_LIMITED, retry_after=17))
    time = [0.0]
    poller = Poller([Scripted("a"), banned], 4, gather=Gathering(), monotonic=lambda: time[0])
    asked = []
    for _ in range(30):
        calls = banned.calls
        poller.poll()
        asked += [time[0]] * (banned.calls - calls)
        time[0] += 5
    assert asked == [0, 20, 140]  # after 17 s as it wished, and then after two minutes
    assert poller.missing == {("b", "rate_limited"): 3, ("b", "parked"): 27}
    poller.close()


def test_a_pause_that_was_told_to_another_process_holds() -> None:
    """A restart is no way around a ban; a source that is not asked here is not meant."""
    banned = Scripted("b")
    poller = Poller([banned], 4, gather=Gathering(), monotonic=lambda: 100.0)
    poller.resume({name: Park(130.0, Cause.RATE_LIMITED, "told before") for name in ("b", "c")})
    assert names(poller.poll()) == []
    assert banned.calls == 0
    assert list(poller.parked()) == ["b"]
    poller.close()


def hang(poller: Poller, source: Scripted, gathering: Gathering) -> Future[Quote]:
    """Poll once while the source, the last of them, does not answer; its request."""
    source.released.clear()
    poller.poll()
    hanging = gathering.asked[-1]
    assert source.asked.wait(30)
    gathering.late = 0
    return hanging
