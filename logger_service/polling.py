"""Asks all sources at once, and takes the answers that come in time.

A source that hangs or fails costs the others nothing: it is left alone until its request has
ended, and its trouble is logged when it begins and when it is over.
"""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

from quote import Quote, Source
from unavailable import QuoteUnavailable

_log = logging.getLogger(__name__)

# Returns when all of the answers are there or the seconds are over.
Gather = Callable[[Collection[Future[Quote]], float], object]


class Poller:
    """The sources and how each fares.

    `failures` counts the polls that got no answer of a source, `late` those of them whose
    answer was not there at the deadline and was dropped.
    """

    def __init__(
        self, sources: Sequence[Source], deadline_seconds: float, gather: Gather = wait
    ) -> None:
        self.failures: Counter[str] = Counter()
        self.late: Counter[str] = Counter()
        self._sources = sources
        self._deadline = deadline_seconds
        self._gather = gather
        self._asked: dict[str, Future[Quote]] = {}  # the last request to each source
        self._failing: set[str] = set()
        self._pool = ThreadPoolExecutor(max(len(sources), 1), thread_name_prefix="poll")

    def poll(self) -> list[Quote]:
        """One quote of each source that answered before the deadline, by time of arrival."""
        asked = self._ask()
        self._gather(asked.values(), self._deadline)
        answers = [self._answer(name, request) for name, request in asked.items()]
        quotes = [quote for quote in answers if quote]
        return sorted(quotes, key=lambda quote: quote.observed_at)

    def close(self) -> None:
        """Ask no more; a request that still runs ends by its own timeout."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _ask(self) -> dict[str, Future[Quote]]:
        asked = {}
        for source in self._sources:
            earlier = self._asked.get(source.name)
            if earlier and not earlier.done():
                self._failed(source.name, "is still busy with an earlier request")
            else:
                asked[source.name] = self._pool.submit(source.quote)
        self._asked |= asked
        return asked

    def _answer(self, name: str, request: Future[Quote]) -> Quote | None:
        if not request.done():
            self.late[name] += 1
            self._failed(name, f"gave no answer within {self._deadline:g} s")
            return None
        error = request.exception()
        if error is None:
            self._answered(name)
            return request.result()
        # Only an error that nobody foresaw needs its traceback.
        self._failed(name, str(error), None if isinstance(error, QuoteUnavailable) else error)
        return None

    def _failed(self, name: str, reason: str, error: BaseException | None = None) -> None:
        self.failures[name] += 1
        if name not in self._failing:
            self._failing.add(name)
            _log.warning("Source %s fails: %s", name, reason, exc_info=error)

    def _answered(self, name: str) -> None:
        if name in self._failing:
            self._failing.remove(name)
            _log.warning("Source %s answers again", name)
