"""Tickers in the real shape of each exchange: the recorded ones, and made ones of a given market.

The made ones have the fields that the recorded ones have; those that nobody reads stay as they
were.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

BODIES = Path(__file__).parent / "exchange_bodies"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Market:
    """What a ticker shall say, each number as the text that is to be sent."""

    price: str
    bid: str
    ask: str
    volume: str
    time: datetime  # aware


def recorded(name: str) -> bytes:
    """A body of the folder, as it was recorded."""
    return (BODIES / f"{name}.json").read_bytes()


def coinbase(market: Market) -> bytes:
    """Its time has microseconds."""
    time = market.time.astimezone(UTC)
    return (
        f'{{"ask":"{market.ask}","bid":"{market.bid}","volume":"{market.volume}",'
        f'"trade_id":18502105,"price":"{market.price}","size":"0.00730812",'
        f'"time":"{time:%Y-%m-%dT%H:%M:%S.%fZ}","rfq_volume":"7.669923"}}'
    ).encode()


def kraken(market: Market) -> bytes:
    """It has no time."""
    last = market.price
    return (
        f'{{"error":[],"result":{{"XXBTZUSD":{{"a":["{market.ask}","1","1.000"],'
        f'"b":["{market.bid}","1","1.000"],"c":["{last}","0.00603612"],'
        f'"v":["268.40588255","{market.volume}"],"p":["{last}","{last}"],"t":[18192,153218],'
        f'"l":["{last}","{last}"],"h":["{last}","{last}"],"o":"{last}"}}}}}}'
    ).encode()


def bitstamp(market: Market) -> bytes:
    """Its time is in whole seconds, as a text."""
    last = market.price
    return (
        f'{{"timestamp":"{_ms(market.time) // 1000}","open":"{last}","high":"{last}",'
        f'"low":"{last}","last":"{last}","volume":"{market.volume}","vwap":"{last}",'
        f'"bid":"{market.bid}","ask":"{market.ask}","side":"0","open_24":"{last}",'
        f'"percent_change_24":"1.58"}}'
    ).encode()


def gemini(market: Market) -> bytes:
    """Its time belongs to the volume."""
    return (
        f'{{"bid":"{market.bid}","ask":"{market.ask}","volume":{{"BTC":"{market.volume}",'
        f'"USD":"10394749.066094351423000000000000000095","timestamp":{_ms(market.time)}}},'
        f'"last":"{market.price}"}}'
    ).encode()


def binance(market: Market) -> bytes:
    """Its window of 24 hours closes at the market's time."""
    closed = _ms(market.time)
    return (
        f'{{"symbol":"BTCUSDT","priceChange":"1186.64","lastPrice":"{market.price}",'
        f'"bidPrice":"{market.bid}","bidQty":"0.11775000","askPrice":"{market.ask}",'
        f'"volume":"{market.volume}","quoteVolume":"9254480.36",'
        f'"openTime":{closed - 86_400_000},"closeTime":{closed},"count":18090}}'
    ).encode()


def coingecko(market: Market) -> bytes:
    """Numbers without quotes, no book, and a volume that is not the market's."""
    return (
        f'{{"bitcoin":{{"usd":{market.price},"usd_24h_vol":101401045720.07246,'
        f'"last_updated_at":{_ms(market.time) // 1000}}}}}'
    ).encode()


TICKERS: dict[str, Callable[[Market], bytes]] = {
    "coinbase": coinbase,
    "kraken": kraken,
    "bitstamp": bitstamp,
    "gemini": gemini,
    "binance": binance,
    "coingecko": coingecko,
}


def _ms(time: datetime) -> int:
    return (time - _EPOCH) // timedelta(milliseconds=1)
