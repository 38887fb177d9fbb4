from pathlib import Path

from logger_service.quoted import LIMITS
from market.quote import Quote
from market.unavailable import Cause, QuoteUnavailable
from polling.poller import Poller
from record.logbook import Logbook
from record.price_files import PriceFiles
from writing.drought import Drought
from writing.recorder import Clocks, Recorder
from year.clock import SECOND, SimulatedClock


def told_after(*rows: int) -> list[str]:
    """What is reported of ticks that brought so many rows, where three without any are too many."""
    told: list[str] = []
    drought = Drought(3, told.append)
    for count in rows:
        drought.see(count)
    return told


def test_ticks_without_a_row_are_told_once_when_there_are_too_many() -> None:
    """However long it goes on."""
    assert told_after(3, 0, 0) == []
    assert told_after(3, 0, 0, 0) == ["no source gave a row at 3 ticks in a row"]
    assert len(told_after(*[0] * 50)) == 1


def test_a_single_row_begins_the_count_anew() -> None:
    """One source is enough."""
    assert told_after(0, 0, 1, 0, 0) == []


def test_it_is_told_again_after_rows_came_back() -> None:
    """That is another event."""
    assert len(told_after(0, 0, 0, 0, 1, 0, 0, 0)) == 2


class Silent:
    """A source that gives no quote."""

    name = "silent"
    stale_after = None

    def quote(self) -> Quote:
        """None."""
        raise QuoteUnavailable("no answer", name=self.name, cause=Cause.BAD_BODY)


def test_a_recorder_without_any_answer_is_told_of(tmp_path: Path) -> None:
    """At the fifth tick; it goes on, and a source that is left alone brings no row either."""
    clock = SimulatedClock(1_795_379_400 * SECOND, 5 * SECOND)
    clocks = Clocks(clock.wall_ns, clock.monotonic_ns)
    told, waits = list[int](), list[float]()

    def wait(seconds: float) -> bool:
        clock.elapse(seconds)
        waits.append(seconds)
        return len(waits) > 12

    files = PriceFiles(tmp_path, "ab12")
    logbook = Logbook(files, [Silent()], LIMITS, 5, clocks.now())
    drought = Drought(5, lambda _told: told.append(len(waits)))
    poller = Poller([Silent()], 4, monotonic=clocks.monotonic)
    recorder = Recorder(poller, logbook, 5, drought=drought, clocks=clocks, wait=wait)
    recorder.run()
    recorder.stop()
    assert (told, recorder.tally().ticks) == ([5], 12)
