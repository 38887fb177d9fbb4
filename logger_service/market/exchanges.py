"""The exchanges and what is particular to each.

Addresses, fields and errors are those of their public documentation: docs.cdp.coinbase.com
(get-product-ticker), docs.kraken.com (get-ticker-information), www.bitstamp.net/api (ticker),
developer.gemini.com, binance-spot-api-docs on GitHub (market data only), docs.coingecko.com.
"""

from typing import Any

from market import error_bodies
from market.exchange import Exchange, Ticker, own_time
from market.quote import instant, instant_of_epoch, instant_of_epoch_ms, price, volume


class Coinbase(Exchange):
    """Coinbase Exchange; its time is that of the last trade."""

    name = "coinbase"
    base_url = "https://api.exchange.coinbase.com"
    path = "/products/BTC-USD/ticker"
    _said = staticmethod(error_bodies.coinbase)

    def _parse(self, body: Any) -> Ticker:
        return Ticker(
            price(body["price"]),
            price(body["bid"]),
            price(body["ask"]),
            volume(body["volume"]),
            own_time(instant, body["time"]),
        )


class Kraken(Exchange):
    """Kraken, which gives no time, and reports most errors inside a 200."""

    name = "kraken"
    base_url = "https://api.kraken.com"
    path = "/0/public/Ticker?pair=XBTUSD"
    _said = staticmethod(error_bodies.kraken)

    def _parse(self, body: Any) -> Ticker:
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
    _said = staticmethod(error_bodies.bitstamp)

    def _parse(self, body: Any) -> Ticker:
        return Ticker(
            price(body["last"]),
            price(body["bid"]),
            price(body["ask"]),
            volume(body["volume"]),
            own_time(instant_of_epoch, body["timestamp"]),
        )


class Gemini(Exchange):
    """Gemini; its time is that of the volume, which is counted every few minutes."""

    name = "gemini"
    base_url = "https://api.gemini.com"
    path = "/v1/pubticker/btcusd"
    coarse_time = True
    _said = staticmethod(error_bodies.gemini)

    def _parse(self, body: Any) -> Ticker:
        return Ticker(
            price(body["last"]),
            price(body["bid"]),
            price(body["ask"]),
            volume(body["volume"]["BTC"]),
            own_time(instant_of_epoch_ms, body["volume"]["timestamp"]),
        )


class Binance(Exchange):
    """Binance's public mirror; what it quotes in is Tether, which is not the dollar."""

    name = "binance"
    base_url = "https://data-api.binance.vision"
    path = "/api/v3/ticker/24hr?symbol=BTCUSDT"
    symbol = "BTC-USDT"
    _said = staticmethod(error_bodies.binance)

    def _parse(self, body: Any) -> Ticker:
        if body["symbol"] != "BTCUSDT":
            raise ValueError(f"{body['symbol']!r} is another market")
        return Ticker(
            price(body["lastPrice"]),
            price(body["bidPrice"]),
            price(body["askPrice"]),
            volume(body["volume"]),
            own_time(instant_of_epoch_ms, body["closeTime"]),
        )


class CoinGecko(Exchange):
    """CoinGecko's average over exchanges, which no exchange has asked or paid.

    It has no book, its volume is the world's and in dollars, and its caches are minutes old.
    """

    name = "coingecko"
    base_url = "https://api.coingecko.com"
    path = (
        "/api/v3/simple/price?ids=bitcoin&vs_currencies=usd"
        "&include_24hr_vol=true&include_last_updated_at=true"
    )
    flags = "aggregate"
    coarse_time = True
    key_header = "x-cg-demo-api-key"
    _said = staticmethod(error_bodies.coingecko)

    def _parse(self, body: Any) -> Ticker:
        average = body["bitcoin"]
        updated_at = own_time(instant_of_epoch, average["last_updated_at"])
        return Ticker(price(average["usd"]), "", "", "", updated_at)


KINDS: dict[str, type[Exchange]] = {
    kind.name: kind for kind in (Coinbase, Kraken, Bitstamp, Gemini, Binance, CoinGecko)
}


def _listed(value: Any) -> list[Any]:
    # A string can be indexed too, and its first digit would pass for a price.
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is not a list")
    return value
