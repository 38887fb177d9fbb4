from dataclasses import dataclass, field

import pytest

from logger_service.quoted import NOON, unavailable
from market.quote import Quote
from market.unavailable import Cause, QuoteUnavailable
from polling.asking import JITTER_SECONDS, Asking

DEADLINE = 4.0


@dataclass
class Failing:
    """A source whose first answers are these errors."""

    errors: list[QuoteUnavailable]
    name: str = "kraken"
    stale_after: float | None = None
    calls: int = 0

    def quote(self) -> Quote:
        """The next error, or a quote once there is none left."""
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return Quote(self.name, "1", "1", "1", "1", "", 1, NOON)


@dataclass
class Clock:
    """Time that goes by in pauses only."""

    now: float = 0.0
    closing: bool = False
    pauses: list[float] = field(default_factory=list)

    def pause(self, seconds: float) -> bool:
        """As the wait for an event that ends the program."""
        self.pauses.append(seconds)
        self.now += seconds
        return self.closing


def accept(_: Quote) -> None:
    """Any quote will do."""


@pytest.mark.parametrize("cause", [Cause.SERVER, Cause.NETWORK])
def test_what_may_pass_is_tried_once_more(cause: Cause) -> None:
    """After a pause of a second at most, which no other client shares."""
    source, clock = Failing([unavailable(cause)]), Clock()
    Asking(accept, clock.pause, lambda: clock.now).ask(source, DEADLINE)
    assert source.calls == 2
    (pause,) = clock.pauses
    assert JITTER_SECONDS[0] <= pause <= JITTER_SECONDS[1]


@pytest.mark.parametrize("cause", sorted(set(Cause) - {Cause.SERVER, Cause.NETWORK}))
def test_what_will_not_pass_is_not(cause: Cause) -> None:
    """A limit, a refusal or a proxy's page is there at the second try too."""
    source, clock = Failing([unavailable(cause)]), Clock()
    with pytest.raises(QuoteUnavailable):
        Asking(accept, clock.pause, lambda: clock.now).ask(source, DEADLINE)
    assert (source.calls, clock.pauses) == (1, [])


def test_a_server_that_asks_for_a_pause_gets_it() -> None:
    """A 503 with Retry-After is not tried again in the same tick."""
    source, clock = Failing([unavailable(Cause.SERVER, 30)]), Clock()
    with pytest.raises(QuoteUnavailable):
        Asking(accept, clock.pause, lambda: clock.now).ask(source, DEADLINE)
    assert source.calls == 1


def test_there_is_no_third_try() -> None:
    """The error of the second one is what is told."""
    source, clock = Failing([unavailable(Cause.SERVER), unavailable(Cause.RATE_LIMITED)]), Clock()
    with pytest.raises(QuoteUnavailable) as caught:
        Asking(accept, clock.pause, lambda: clock.now).ask(source, DEADLINE)
    assert (source.calls, caught.value.cause) == (2, Cause.RATE_LIMITED)


def test_a_try_that_would_begin_after_the_deadline_is_not_made() -> None:
    """The tick would not take its answer."""
    source, clock = Failing([unavailable(Cause.NETWORK)]), Clock(now=3.5)
    with pytest.raises(QuoteUnavailable):
        Asking(accept, clock.pause, lambda: clock.now, jitter=lambda: 0.5).ask(source, DEADLINE)
    assert (source.calls, clock.pauses) == (1, [])


def test_a_program_that_ends_does_not_try_again() -> None:
    """The pause says so."""
    source, clock = Failing([unavailable(Cause.NETWORK)]), Clock(closing=True)
    with pytest.raises(QuoteUnavailable):
        Asking(accept, clock.pause, lambda: clock.now).ask(source, DEADLINE)
    assert source.calls == 1


def test_a_quote_that_cannot_be_true_is_none() -> None:
    """It is checked before anybody sees it, and not asked for again."""

    def refuse(quote: Quote) -> None:
        raise QuoteUnavailable("a dollar", name=quote.source, cause=Cause.BAD_BODY)

    source, clock = Failing([]), Clock()
    with pytest.raises(QuoteUnavailable, match="a dollar"):
        Asking(refuse, clock.pause, lambda: clock.now).ask(source, DEADLINE)
    assert source.calls == 1
