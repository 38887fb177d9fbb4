"""How tests ask an exchange for the error that comes instead of a quote."""

from contextlib import closing
from typing import Any

import pytest

from market.exchange import Exchange
from market.unavailable import QuoteUnavailable


def failure(kind: type[Exchange], url: str, **settings: Any) -> QuoteUnavailable:
    """The error that asking ends in."""
    with closing(kind(url, **settings)) as exchange, pytest.raises(QuoteUnavailable) as caught:
        exchange.quote()
    assert caught.value.source == kind.name
    return caught.value
