"""Ways in which tests ask an exchange: once, for a quote or for the error that comes instead."""

from contextlib import closing
from typing import Any

import pytest

from market.exchange import Exchange
from market.exchanges import Binance, Bitstamp, Coinbase, CoinGecko, Gemini, Kraken
from market.unavailable import QuoteUnavailable

KINDS: dict[str, type[Exchange]] = {
    kind.name: kind for kind in (Coinbase, Kraken, Bitstamp, Gemini, Binance, CoinGecko)
}


def failure(kind: type[Exchange], url: str, **settings: Any) -> QuoteUnavailable:
    """The error that asking ends in."""
    with closing(kind(url, **settings)) as exchange, pytest.raises(QuoteUnavailable) as caught:
        exchange.quote()
    assert caught.value.source == kind.name
    return caught.value
