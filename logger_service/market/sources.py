"""From the names in PRICE_SOURCES to the sources that the recorder asks."""

from market.exchanges import Binance, Bitstamp, Coinbase, CoinGecko, Gemini, Kraken
from market.quote import Source
from market.replay import Replay
from shared.settings import LoggerSettings

_EXCHANGES = {kind.name: kind for kind in (Coinbase, Kraken, Bitstamp, Gemini, Binance)}


def open_sources(settings: LoggerSettings) -> list[Source]:
    """One source per name, in the order of the setting; a name given twice counts once."""
    return [_open(name, settings) for name in dict.fromkeys(settings.price_sources)]


def _open(name: str, settings: LoggerSettings) -> Source:
    if name == "replay":
        return Replay(settings.replay_speed)
    kind = _EXCHANGES.get(name, CoinGecko)
    stale_after = settings.stale_seconds_coarse if kind.coarse_time else settings.stale_seconds
    if kind is CoinGecko:
        key = settings.coingecko_api_key
        return CoinGecko(stale_after=stale_after, api_key=key.get_secret_value() if key else "")
    return kind(stale_after=stale_after)
