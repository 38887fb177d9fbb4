"""From the names in PRICE_SOURCES to the sources that the recorder asks."""

from exchanges import Bitstamp, Coinbase, Kraken
from quote import Source
from replay import Replay
from shared.settings import LoggerSettings

_EXCHANGES = {exchange.name: exchange for exchange in (Coinbase, Kraken, Bitstamp)}


def open_sources(settings: LoggerSettings) -> list[Source]:
    """One source per name, in the order of the setting; a name given twice counts once."""
    return [_open(name, settings.replay_speed) for name in dict.fromkeys(settings.price_sources)]


def _open(name: str, replay_speed: float) -> Source:
    return Replay(replay_speed) if name == "replay" else _EXCHANGES[name]()
