"""Asks all sources at once, and takes the answers that come in time.

A source that hangs or fails costs the others nothing. One that hangs is left alone until its
request has ended, one that fails for as long as its parking says.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Event

from market.quote import Quote, Source
from market.unavailable import Cause, QuoteUnavailable
from polling.asking import Asking
from polling.parking import Park
from polling.standing import Standing

# Takes requests by source; returns when all of them have ended or the seconds are over.
Gather = Callable[[Mapping[str, Future[Quote]], float], object]


def gathered(asked: Mapping[str, Future[Quote]], seconds: float) -> None:
    """Wait for the requests, and for so many seconds at most."""
    wait(asked.values(), seconds)


class Poller:
    """The sources and how each fares.

    `check` raises QuoteUnavailable for a quote that cannot be true. `missing` counts the quotes
    that were due and are not there, by source and cause: those of `Cause`, `parked`, `late` when
    no answer was there at the deadline, `busy` when the request before had not ended, and
    `unforeseen` for an error of ours.
    """

    def __init__(  # noqa: PLR0913  the last three are there for simulations, and have defaults
        self,
        sources: Sequence[Source],
        deadline_seconds: float,
        check: Callable[[Quote], object] = lambda _: None,
        *,
        gather: Gather = gathered,
        monotonic: Callable[[], float] = time.monotonic,
        pause: Callable[[float], bool] | None = None,
    ) -> None:
        self.missing: Counter[tuple[str, str]] = Counter()
        self.sources = tuple(sources)
        self._deadline = deadline_seconds
        self._gather = gather
        self._monotonic = monotonic
        self._closing = Event()
        self._asking = Asking(check, pause or self._closing.wait, monotonic)
        self._standings = {source.name: Standing(source.name) for source in sources}
        self._late: dict[str, Future[Quote]] = {}  # requests that missed their tick
        self._pool = ThreadPoolExecutor(max(len(sources), 1), thread_name_prefix="poll")

    def poll(self) -> list[Quote]:
        """One quote of each source that answered before the deadline, by time of arrival."""
        asked = self._ask()
        self._gather(asked, self._deadline)
        answers = [self._answer(name, request) for name, request in asked.items()]
        quotes = [quote for quote in answers if quote]
        return sorted(quotes, key=lambda quote: quote.observed_at)

    def parked(self) -> dict[str, Park]:
        """The sources that are being left alone, with times of the monotonic clock."""
        now = self._monotonic()
        parks = {name: standing.parking.park for name, standing in self._standings.items()}
        return {name: park for name, park in parks.items() if park and now < park.until}

    def resume(self, parks: dict[str, Park]) -> None:
        """Leave alone what an earlier process was told to; sources unknown here are skipped."""
        for name in parks.keys() & self._standings.keys():
            self._standings[name].parking.resume(parks[name])

    def close(self) -> None:
        """Ask no more; a request that still runs ends by its own timeout."""
        self._closing.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _ask(self) -> dict[str, Future[Quote]]:
        now, asked = self._monotonic(), {}
        for source in self.sources:
            self._look_at_late(source.name)
            if reason := self._why_not(source.name, now):
                self.missing[source.name, reason] += 1
            else:
                until = now + self._deadline
                asked[source.name] = self._pool.submit(self._asking.ask, source, until)
        return asked

    def _look_at_late(self, name: str) -> None:
        """Let go of a request that missed its tick, if it has ended since."""
        late = self._late.get(name)
        if not late or not late.done():
            return
        del self._late[name]
        # A quote now belongs to no tick; but what was said about asking again holds.
        error = late.exception()
        if error and getattr(error, "cause", None) is not Cause.NETWORK:
            self._failed(name, error)

    def _why_not(self, name: str, now: float) -> str:
        """Why the source is not to be asked at this tick; empty if it is."""
        if name in self._late:
            return "busy"
        return "parked" if self._standings[name].parking.is_parked(now) else ""

    def _answer(self, name: str, request: Future[Quote]) -> Quote | None:
        if not request.done():
            self._late[name] = request
            self.missing[name, "late"] += 1
            reason = f"{name} gave no answer within {self._deadline:g} s"
            self._failed(name, QuoteUnavailable(reason, name=name, cause=Cause.NETWORK))
        elif error := request.exception():
            self.missing[name, self._failed(name, error)] += 1
        else:
            self._standings[name].answered()
            return request.result()
        return None

    def _failed(self, name: str, error: BaseException) -> str:
        """Count it against the source; the cause."""
        standing, now = self._standings[name], self._monotonic()
        if isinstance(error, QuoteUnavailable):
            standing.failed(error, now)
            return error.cause
        unforeseen = QuoteUnavailable(f"{error!r}", name=name, cause=Cause.BAD_BODY)
        standing.failed(unforeseen, now, error)
        return "unforeseen"
