"""Critical events begin and end for people as they do for whoever reports them."""

from datetime import UTC, datetime

import pytest

from alerting.critical import FORGET_SECONDS, CriticalConditions
from critical_events import CriticalEvents
from shared.conditions import compare
from shared.told import Told
from writing.drought import Drought

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Setup:
    """Events, what was told of them, and a clock that a test turns."""

    def __init__(self) -> None:
        self.now = 0.0
        self.told = Told(service="btc-logger")
        self.at_once: list[tuple[str, str]] = []
        self.begin()

    def begin(self) -> None:
        """A new process."""
        self.events = CriticalEvents()
        self.conditions = CriticalConditions(self.events, self._tell, lambda: self.now)

    @property
    def titles(self) -> list[str]:
        """What a person was told, after one more look."""
        at = datetime.fromtimestamp(NOON.timestamp() + self.now, UTC)
        self.told = compare(self.told, self.conditions.looks(), at)
        return [message.title for message in self.told.waiting]

    def _tell(self, title: str, body: str) -> None:
        self.at_once.append((title, body))


@pytest.fixture
def setup() -> Setup:
    """With nothing reported yet."""
    return Setup()


def test_an_event_is_told_until_it_is_over(setup: Setup) -> None:
    """Reported twice, it is one; after its end it begins anew."""
    begun, ended = "critical event: disk", "over: critical event: disk"
    for _ in range(2):
        setup.events.report("disk", "it is full")
        assert setup.titles == [begun]
    for _ in range(2):
        setup.events.over("disk", "it takes rows again")
        assert setup.titles == [begun, ended]
    setup.events.report("disk", "it is full")
    assert setup.titles == [begun, ended, begun]


def test_what_comes_and_goes_between_two_looks_is_told(setup: Setup) -> None:
    """A recorder that fails for a second each hour is nothing to keep quiet about."""
    setup.events.report("recorder failed", "it begins again")
    setup.events.over("recorder failed", "it records again")
    begun = "critical event: recorder failed"
    assert setup.titles == [begun, f"over: {begun}"]
    setup.events.report("recorder failed", "it begins again")
    assert setup.titles == [begun, f"over: {begun}", begun]


def test_what_has_no_end_ends_quietly_after_a_while(setup: Setup) -> None:
    """So that the next one is told again."""
    for at, times in ((0, 1), (600, 1), (600 + 2 * FORGET_SECONDS, 1)):
        setup.now = at
        if at <= 600:
            setup.events.report("something new", "it happened")
        assert len(setup.titles) == times
    setup.events.report("something new", "it happened")
    assert setup.titles == ["critical event: something new"] * 2


def test_a_moment_is_told_at_once_and_never_over(setup: Setup) -> None:
    """An unclean exit was before this process."""
    setup.events.report("unclean exit", "the logger before did not end as it should")
    assert setup.titles == []
    assert [title for title, _ in setup.at_once] == ["critical event: unclean exit"]


def test_a_new_process_takes_over_what_was_told(setup: Setup) -> None:
    """It is not over because somebody restarted the logger; if it does not come again, it is."""
    setup.events.report("no rows", "no source gave a row")
    assert len(setup.titles) == 1
    setup.begin()
    setup.now = FORGET_SECONDS - 1
    assert len(setup.titles) == 1
    setup.now = 2 * FORGET_SECONDS
    assert setup.titles[1:] == ["over: critical event: no rows"]


def test_rows_that_are_back_end_a_drought() -> None:
    """Once; a drought that never was has no end."""
    told: list[str] = []
    drought = Drought(2, lambda _text: told.append("begun"), lambda _text: told.append("over"))
    for rows in (0, 1, 0, 0, 0, 3, 3):
        drought.see(rows)
    assert told == ["begun", "over"]


def test_an_end_that_was_no_beginning_is_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody is told, and the log stays quiet."""
    events, over = CriticalEvents(), list[object]()
    events.listen(lambda _event: None, over.append)
    events.over("disk", "it takes rows again")
    assert (over, caplog.messages) == ([], [])
