"""The six exchanges on loopback, answering their real paths with recorded bodies.

Each can be told to answer otherwise, badly or late, or to hold its answers until it is released,
so that tests wait for conditions and never for time.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from ssl import SSLContext
from threading import Event, Lock
from typing import Self

from emulators.exchange_errors import DocumentedError
from emulators.exchange_faults import Fault, spoiled
from emulators.exchange_server import Answer, ExchangeServer, Request
from emulators.exchange_tickers import recorded

COINBASE = recorded("coinbase")
KRAKEN = recorded("kraken")
PATHS = {
    "coinbase": "/products/BTC-USD/ticker",
    "kraken": "/0/public/Ticker?pair=XBTUSD",
    "bitstamp": "/api/v2/ticker/btcusd/",
    "gemini": "/v1/pubticker/btcusd",
    "binance": "/api/v3/ticker/24hr?symbol=BTCUSDT",
    "coingecko": "/api/v3/simple/price?ids=bitcoin&vs_currencies=usd"
    "&include_24hr_vol=true&include_last_updated_at=true",
}
_UNKNOWN = Answer(404, body=b'{"message":"NotFound"}')
_LONGEST_HOLD = 30  # seconds; who forgets to release still comes to an end


@dataclass
class EmulatedExchange:
    """How one exchange answers, and what it was asked.

    `arrived` is told of each request as it comes, before anything holds it up. `answer` is asked
    for each answer, if there is one, in place of `status`, `headers` and `body`; a `fault` then
    spoils what is sent.
    """

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)  # of the answer
    arrived: Callable[[], object] | None = None
    answer: Callable[[], Answer] | None = None
    fault: Fault | None = None
    delay: float = 0  # seconds before each answer, for tests that measure them
    released: Event = field(default_factory=Event)  # cleared, it holds its answers
    asked: Event = field(default_factory=Event)  # set by every request
    keep_requests: bool = True
    requests: list[dict[str, str]] = field(default_factory=list)  # their headers, if they are kept
    calls: int = 0  # requests that came

    def __post_init__(self) -> None:
        self.released.set()
        self._counting = Lock()

    def fail_with(self, error: DocumentedError) -> None:
        """Answer with this error from now on."""
        self.status, self.headers, self.body = error.status, dict(error.headers), error.body

    def respond(self, request: Request, closing: Event) -> Answer:
        """The answer to a request, when it is time for it."""
        with self._counting:
            self.calls += 1
            if self.keep_requests:
                self.requests.append(request.headers)
        if self.arrived:
            self.arrived()
        self.asked.set()
        self.released.wait(_LONGEST_HOLD)
        if self.delay:
            closing.wait(self.delay)
        answer = self.answer() if self.answer else Answer(self.status, self.headers, self.body)
        return spoiled(answer, self.fault) if self.fault else answer


class ExchangeServers:
    """A server on a free port of loopback, from `with` to its end; `url` is its address.

    A long run sets `keep_requests` to False: the requests are then counted only. With `tls` they
    are asked over HTTPS.
    """

    def __init__(self, *, keep_requests: bool = True, tls: SSLContext | None = None) -> None:
        def emulated(name: str) -> EmulatedExchange:
            return EmulatedExchange(recorded(name), keep_requests=keep_requests)

        self.coinbase = emulated("coinbase")
        self.kraken = emulated("kraken")
        self.bitstamp = emulated("bitstamp")
        self.gemini = emulated("gemini")
        self.binance = emulated("binance")
        self.coingecko = emulated("coingecko")
        self.connections: Counter[str] = Counter()  # by path of their first request
        self._by_path = {path: self[name] for name, path in PATHS.items()}
        self._counting = Lock()
        self._server = ExchangeServer(self._respond, tls)
        self.url = self._server.url

    def __getitem__(self, name: str) -> EmulatedExchange:
        """The exchange of this name."""
        exchange: EmulatedExchange = getattr(self, name)
        return exchange

    def drop_connections(self) -> None:
        """End the connections that are open, as a server does with those that are idle."""
        self._server.drop_connections()

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        for exchange in self._by_path.values():
            exchange.released.set()
        self._server.close()

    def _respond(self, request: Request) -> Answer:
        if request.is_first:
            with self._counting:
                self.connections[request.target] += 1
        exchange = self._by_path.get(request.target)
        return exchange.respond(request, self._server.closing) if exchange else _UNKNOWN
