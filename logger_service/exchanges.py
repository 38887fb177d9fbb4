"""Coinbase Exchange, Kraken and Bitstamp: one keyless request each for the BTC-USD ticker.

Addresses and fields are those of each exchange's public documentation: docs.cdp.coinbase.com
(get-product-ticker), docs.kraken.com (get-ticker-information), www.bitstamp.net/api (ticker).
Whatever goes wrong is one exception, so the recorder treats all sources alike.
"""

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests

from quote import Clock, Quote, instant, instant_of_epoch, now, price, volume
from unavailable import Cause, QuoteUnavailable

TIMEOUTS = (3.05, 5)  # seconds to connect, and between two arrivals of bytes
LONGEST_BODY = 1024 * 1024  # bytes, decompressed; a real ticker has less than 500
_SHOWN = 200  # bytes of a bad body that the error shows: enough to recognise a proxy's page


@dataclass(frozen=True)
class Ticker:
    """The checked fields of one ticker body, as in `Quote`."""

    price: str
    bid: str
    ask: str
    volume_24h: str
    exchange_ts: str


class Exchange(ABC):
    """A source that asks one exchange, over a connection that is kept open.

    `base_url` replaces the real address, `clock` and `monotonic` the real clocks.
    """

    name: str
    base_url: str
    path: str
    stale_after: float | None = None

    def __init__(
        self,
        base_url: str | None = None,
        clock: Clock = now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = (base_url or self.base_url) + self.path
        self._clock = clock
        self._monotonic = monotonic
        self._session = requests.Session()
        self._session.headers.update({"User-Agent": "btc-logger/0.1", "Accept": "application/json"})

    def quote(self) -> Quote:
        """The ticker now.

        Raises:
            QuoteUnavailable: no answer, a status that is not 200, or a body that is no ticker.
        """
        asked_at = self._monotonic()
        status, body = self._fetch()
        latency_ms = round((self._monotonic() - asked_at) * 1000)
        observed_at = self._clock()
        if status != 200:
            raise self._unavailable(f"answered {status}: {body[:_SHOWN]!r}", status)
        ticker = self._read(body)
        return Quote(
            self.name,
            ticker.price,
            ticker.bid,
            ticker.ask,
            ticker.volume_24h,
            ticker.exchange_ts,
            latency_ms,
            observed_at,
        )

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def _fetch(self) -> tuple[int, bytes]:
        try:
            with self._session.get(
                self._url, timeout=TIMEOUTS, stream=True, allow_redirects=False
            ) as response:
                return response.status_code, self._body(response)
        except requests.RequestException as error:
            raise self._unavailable(f"did not answer: {error}", None, Cause.NETWORK) from error

    def _body(self, response: requests.Response) -> bytes:
        # Streamed, because a body is otherwise in memory before its length is known.
        body = b""
        for piece in response.iter_content(LONGEST_BODY):
            body += piece
            if len(body) > LONGEST_BODY:
                reason = f"sent more than the {LONGEST_BODY} bytes that a body may have"
                raise self._unavailable(reason, response.status_code)
        return body

    def _read(self, body: bytes) -> Ticker:
        try:
            # Numbers as the text they were sent as, should an exchange ever drop the quotes.
            return self._parse(json.loads(body, parse_float=str, parse_int=str))
        except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
            reason = f"sent no ticker ({type(error).__name__}: {error}): {body[:_SHOWN]!r}"
            raise self._unavailable(reason, 200) from error

    def _unavailable(
        self, reason: str, status: int | None = None, cause: Cause = Cause.BAD_BODY
    ) -> QuoteUnavailable:
        return QuoteUnavailable(f"{self.name} {reason}", name=self.name, cause=cause, status=status)

    @abstractmethod
    def _parse(self, body: Any) -> Ticker:
        """The fields of a decoded body; any lookup, type or value error means a bad body."""


class Coinbase(Exchange):
    """Coinbase Exchange; its time is that of the last trade."""

    name = "coinbase"
    base_url = "https://api.exchange.coinbase.com"
    path = "/products/BTC-USD/ticker"

    def _parse(self, body: Any) -> Ticker:
        return Ticker(
            price(body["price"]),
            price(body["bid"]),
            price(body["ask"]),
            volume(body["volume"]),
            instant(body["time"]),
        )


class Kraken(Exchange):
    """Kraken, which gives no time, and reports most errors inside a 200."""

    name = "kraken"
    base_url = "https://api.kraken.com"
    path = "/0/public/Ticker?pair=XBTUSD"

    def _parse(self, body: Any) -> Ticker:
        if body["error"]:
            raise self._unavailable(f"refused: {body['error']!r}"[:_SHOWN], 200)
        # Under Kraken's own name of the pair; a request that lost its pair answers all of them.
        (market,) = body["result"].values()
        last, bid, ask, traded = (_listed(market[key]) for key in ("c", "b", "a", "v"))
        # In `v`, today's volume comes first and that of the last 24 hours second.
        return Ticker(price(last[0]), price(bid[0]), price(ask[0]), volume(traded[1]), "")


class Bitstamp(Exchange):
    """Bitstamp; its time is in whole seconds."""

    name = "bitstamp"
    base_url = "https://www.bitstamp.net"
    path = "/api/v2/ticker/btcusd/"

    def _parse(self, body: Any) -> Ticker:
        return Ticker(
            price(body["last"]),
            price(body["bid"]),
            price(body["ask"]),
            volume(body["volume"]),
            instant_of_epoch(body["timestamp"]),
        )


def _listed(value: Any) -> list[Any]:
    # A string can be indexed too, and its first digit would pass for a price.
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is not a list")
    return value
