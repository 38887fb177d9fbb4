"""The simulated market: exchanges on loopback that follow the plan, and a watch over who asks.

The watch knows what each exchange has said and what the contract makes of it; it does not look
into the recorder.
"""

from collections import Counter
from collections.abc import Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from math import sin
from random import Random

from emulators.exchange_errors import DocumentedError
from emulators.exchange_faults import WRONG_BODIES, Fault, spoiled
from emulators.exchange_server import Answer
from emulators.exchange_tickers import TICKERS, Market
from emulators.exchanges import ExchangeServers
from market.quote import Quote
from market.unavailable import Cause
from year.clock import SECOND, SimulatedClock
from year.plan import Oddity, Plan, Trouble

REFUSED_SECONDS, PARKED_SECONDS = 6 * 3600, 60  # the least that the contract asks for
FAILURES_IN_A_ROW = 3
REQUESTS_A_TICK = 2  # the second one only if the first one failed
SLOWEST_ANSWER = 0.8  # seconds
_REFUSALS = (Cause.BLOCKED, Cause.BAD_SYMBOL)


@dataclass
class Watched:
    """What one exchange has said, and until when it is to be left alone for it."""

    random: Random
    failures: int = 0  # in a row
    until: float = 0.0  # seconds of the monotonic clock
    spent: float = 0.0  # seconds that its answers of this tick took
    requests: int = 0  # in this tick
    cause: Cause | None = None  # what its newest answer comes to, if it was no ticker
    retry_after: float | None = None  # what that answer asked for
    held: Future[Quote] | None = None  # a request that it does not answer

    def judge(self, now: float) -> None:
        """Work out what its answer of this tick forbids."""
        self.failures = self.failures + 1 if self.cause else 0
        asked = self.retry_after or 0
        if self.cause in _REFUSALS:
            self.until = now + max(asked, REFUSED_SECONDS)
        elif self.cause is Cause.RATE_LIMITED or asked:
            self.until = now + (asked or PARKED_SECONDS)
        elif self.failures >= FAILURES_IN_A_ROW:
            self.until = now + PARKED_SECONDS


class SimulatedMarket:
    """Exchanges that answer for `clock`, by `plan`; each answer takes a while of its time.

    `good` counts the tickers that arrived, `failed` the polls that came to no ticker by cause,
    `forbidden` the requests to an exchange that was to be left alone, by its name.
    """

    def __init__(
        self, servers: ExchangeServers, plan: Plan, clock: SimulatedClock, seed: int
    ) -> None:
        self.good: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.forbidden: Counter[str] = Counter()
        self._servers, self._plan, self._clock = servers, plan, clock
        self._began = clock.monotonic()
        self._watched = {name: Watched(Random(f"{seed} {name}")) for name in plan.episodes}  # noqa: S311  no secret
        for name in plan.episodes:
            servers[name].arrived = partial(self._arrived, name)
            servers[name].answer = partial(self._answer, name)

    @property
    def requests(self) -> int:
        """All that came."""
        return sum(self._servers[name].calls for name in self._watched)

    def now(self, name: str) -> datetime:
        """The wall clock as the client of this exchange sees it within a tick."""
        return self._clock.now() + timedelta(seconds=self._watched[name].spent)

    def monotonic(self, name: str) -> float:
        """The same of the monotonic clock."""
        return self._clock.monotonic() + self._watched[name].spent

    def begin_tick(self) -> None:
        """Who was silent and is no longer so answers now."""
        for name, watched in self._watched.items():
            if self._trouble(name) is Oddity.SILENT:
                self._servers[name].released.clear()
            else:
                self._release(name)
            self._servers[name].asked.clear()
            watched.spent, watched.requests = 0.0, 0  # of this tick, an old answer not counted

    def end_tick(self, asked: Mapping[str, Future[Quote]], seconds: float) -> None:
        """Let the requests come to their ends, and the time go by that they took."""
        took = 0.0
        for name, request in asked.items():
            watched = self._watched[name]
            if self._trouble(name) is Oddity.SILENT:
                self._servers[name].asked.wait()
                watched.held, watched.cause, watched.retry_after = request, Cause.NETWORK, None
                took = seconds
            else:
                wait([request])
                took = max(took, watched.spent)
        self._clock.elapse(min(took, seconds))
        for name in asked:
            watched = self._watched[name]
            watched.judge(self._clock.monotonic())
            if watched.cause:
                self.failed["late" if watched.held else watched.cause] += 1
            else:
                self.good[name] += 1

    def end_process(self) -> None:
        """Answer what is still held; the next process counts failures from none."""
        for name, watched in self._watched.items():
            self._release(name)
            watched.failures = 0

    def _release(self, name: str) -> None:
        self._servers[name].released.set()
        if request := self._watched[name].held:
            wait([request])
            self._watched[name].held = None

    def _trouble(self, name: str) -> Trouble | None:
        return self._plan.trouble(name, self._clock.monotonic() - self._began)

    def _arrived(self, name: str) -> None:
        watched = self._watched[name]
        watched.requests += 1
        if self._clock.monotonic() < watched.until or watched.requests > REQUESTS_A_TICK:
            self.forbidden[name] += 1

    def _answer(self, name: str) -> Answer:
        watched = self._watched[name]
        watched.spent += watched.random.uniform(0.02, SLOWEST_ANSWER)
        trouble = self._trouble(name)
        watched.retry_after = None
        if isinstance(trouble, DocumentedError):
            watched.cause, watched.retry_after = trouble.cause, trouble.retry_after
            return Answer(trouble.status, trouble.headers, trouble.body)
        ticker = Answer(body=TICKERS[name](self._ticker(watched.random, trouble)))
        if isinstance(trouble, Fault):
            watched.cause = Cause.BAD_BODY if trouble in WRONG_BODIES else Cause.NETWORK
            return spoiled(ticker, trouble)
        watched.cause = Cause.BAD_BODY if trouble is Oddity.OUT_OF_RANGE else None
        return ticker

    def _ticker(self, random: Random, oddity: Trouble | None) -> Market:
        """A price that everybody agrees on within some tenths of a basis point, made odd."""
        seconds = self._clock.wall_ns() / SECOND
        price = (60_000 + 20_000 * sin(seconds / 5e6)) * random.uniform(0.99999, 1.00001)
        bid, ask, time = price * 0.99999, price * 1.00001, self._clock.now()
        if oddity is Oddity.CROSSED:
            bid, ask = ask, bid
        elif oddity is Oddity.WIDE:
            bid, ask = price * 0.99, price * 1.01
        elif oddity is Oddity.OFF_BOOK:
            bid, ask = price * 1.02, price * 1.02001
        elif oddity is Oddity.STALE:
            time -= timedelta(hours=1)
        elif oddity is Oddity.FUTURE:
            time += timedelta(minutes=1)
        elif oddity is Oddity.OUTLIER:
            price, bid, ask = price * 1.05, bid * 1.05, ask * 1.05
        elif oddity is Oddity.OUT_OF_RANGE:
            price, bid, ask = 19.9, 19.8, 20.0
        return Market(f"{price:.2f}", f"{bid:.2f}", f"{ask:.2f}", "135.29692054", time)
