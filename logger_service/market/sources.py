"""From the names in PRICE_SOURCES to the sources that the recorder asks."""

from market.exchanges import KINDS
from market.quote import Source
from market.replay import Replay
from shared.settings import LoggerSettings


def open_sources(settings: LoggerSettings) -> list[Source]:
    """One source per name, in the order of the setting; a name given twice counts once."""
    return [_open(name, settings) for name in dict.fromkeys(settings.price_sources)]


def _open(name: str, settings: LoggerSettings) -> Source:
    if name == "replay":
        return Replay(settings.replay_speed)
    kind = KINDS[name]
    stale_after = settings.stale_seconds_coarse if kind.coarse_time else settings.stale_seconds
    key = settings.coingecko_api_key if name == "coingecko" else None
    return kind(stale_after=stale_after, api_key=key.get_secret_value() if key else "")
