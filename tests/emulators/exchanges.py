"""The three exchanges on loopback, answering their real paths with recorded bodies.

Each can be told to answer with another status or body, or to hold its answers until it is
released, so that tests wait for conditions and never for time.
"""

from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Self

# ccxt/ccxt (MIT), ts/src/test/static/response/coinbaseexchange.json, 2024-03-13
COINBASE = (
    b'{"ask":"73369.19","bid":"73360.34","volume":"1207.50668151","trade_id":18502105,'
    b'"price":"73367.8","size":"0.00730812","time":"2024-03-13T11:10:41.270099Z",'
    b'"rfq_volume":"7.669923"}'
)
# A body quoted in a public test, of the shape that docs.kraken.com gives for Ticker
KRAKEN = (
    b'{"error":[],"result":{"XXBTZUSD":{"a":["82999.00000","1","1.000"],'
    b'"b":["82998.90000","1","1.000"],"c":["82998.90000","0.00603612"],'
    b'"v":["268.40588255","2862.86180275"],"p":["83083.21647","83278.12284"],'
    b'"t":[18192,153218],"l":["82735.10000","82566.40000"],'
    b'"h":["83581.70000","84338.10000"],"o":"83462.70000"}}}'
)
# ccxt/ccxt (MIT), ts/src/test/static/response/bitstamp.json, 2024-03-13
BITSTAMP = (
    b'{"timestamp":"1710328241","open":"71448","high":"73656","low":"68626","last":"73285",'
    b'"volume":"135.29692054","vwap":"70853","bid":"73353","ask":"73367","side":"0",'
    b'"open_24":"72144","percent_change_24":"1.58"}'
)


@dataclass
class EmulatedExchange:
    """How one exchange answers, and what it was asked."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)  # of the answer
    released: Event = field(default_factory=Event)  # cleared, it holds its answers
    asked: Event = field(default_factory=Event)  # set by every request
    requests: list[dict[str, str]] = field(default_factory=list)  # their headers

    def __post_init__(self) -> None:
        self.released.set()

    @property
    def calls(self) -> int:
        """How many requests came."""
        return len(self.requests)


class ExchangeServers:
    """A server on a free port of loopback, from `with` to its end; `url` is its address."""

    def __init__(self) -> None:
        self.coinbase = EmulatedExchange(COINBASE)
        self.kraken = EmulatedExchange(KRAKEN)
        self.bitstamp = EmulatedExchange(BITSTAMP)
        self.connections: Counter[str] = Counter()  # by path of their first request
        exchanges = {
            "/products/BTC-USD/ticker": self.coinbase,
            "/0/public/Ticker?pair=XBTUSD": self.kraken,
            "/api/v2/ticker/btcusd/": self.bitstamp,
        }
        handler = _handler(exchanges, self.connections)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for exchange in (self.coinbase, self.kraken, self.bitstamp):
            exchange.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(
    exchanges: dict[str, EmulatedExchange], connections: Counter[str]
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # connections are kept open, as the real ones are

        def setup(self) -> None:
            super().setup()
            self.is_first = True

        def do_GET(self) -> None:
            if self.is_first:
                connections[self.path] += 1
                self.is_first = False
            exchange = exchanges.get(self.path, EmulatedExchange(b'{"message":"NotFound"}', 404))
            exchange.requests.append(dict(self.headers))
            exchange.asked.set()
            exchange.released.wait(30)
            self.answer(exchange)

        def answer(self, exchange: EmulatedExchange) -> None:
            self.send_response(exchange.status)
            for name, value in exchange.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(exchange.body)))
            self.end_headers()
            self.wfile.write(exchange.body)

        def log_message(self, *_: object) -> None:
            """Tests show what failed; a line per request would hide it."""

    return Handler
