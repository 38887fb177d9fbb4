"""What really was answered once, and should not have been."""

import json
from contextlib import closing
from datetime import UTC, datetime

import pytest

from emulators.exchanges import ExchangeServers
from judging.consensus import consensus
from judging.sanity import check_range, flagged
from logger_service.quoted import LIMITS, NOON, quoted
from market.exchanges import Bitstamp
from market.quote import Quote
from market.unavailable import QuoteUnavailable

# thrasher-corp/gocryptotrader (MIT), exchanges/bitstamp/testdata/http.json: from Bitstamp's
# sandbox, on a day on which BTC cost 38,000 USD
SANDBOX = {
    "ask": "2211.00",
    "bid": "2188.97",
    "high": "2811.00",
    "last": "2211.00",
    "low": "2188.97",
    "open": "2211.00",
    "open_24": "2211.00",
    "percent_change_24": "13.57",
    "side": "0",
    "timestamp": "1643640186",
    "volume": "213.26801100",
    "vwap": "2189.80",
}
THAT_DAY = datetime(2022, 1, 31, 14, 43, 7, tzinfo=UTC)
STALE_AFTER = {"bitstamp": 120.0}


def sandbox(at: datetime) -> Quote:
    """What the real client makes of the body."""
    with ExchangeServers() as servers:
        servers.bitstamp.body = json.dumps(SANDBOX).encode()
        with closing(Bitstamp(servers.url, clock=lambda: at)) as bitstamp:
            return check_range(bitstamp.quote(), LIMITS)


def test_a_sandbox_answer_is_no_price_of_the_day() -> None:
    """It is possible by itself, though its book is 100.1 bps wide; two others outvote it."""
    others = [quoted(name, "38000", observed_at=THAT_DAY) for name in ("coinbase", "kraken")]
    alone = flagged([sandbox(THAT_DAY)], LIMITS, STALE_AFTER)
    assert alone[0].flags == "wide"
    rows = flagged([sandbox(THAT_DAY), *others], LIMITS, STALE_AFTER)
    assert [row.flags for row in rows] == ["wide|outlier", "", ""]
    assert consensus(THAT_DAY, rows).price == "38000"


def test_a_sandbox_answer_years_later_is_stale_too() -> None:
    """Then it does not count even where nobody contradicts it."""
    rows = flagged([sandbox(NOON)], LIMITS, STALE_AFTER)
    assert rows[0].flags == "wide|stale"
    assert consensus(NOON, rows).price is None


def test_the_bad_print_of_2013_is_refused_today() -> None:
    """Bitfinex, 2013-04-10 17:36 UTC: 190, then 19.9, then 182."""
    for price in ("190", "182"):
        check_range(quoted("bitfinex", price), LIMITS)
    with pytest.raises(QuoteUnavailable, match=r"a price of 19\.9, expected 100 to 10000000 USD"):
        check_range(quoted("bitfinex", "19.9"), LIMITS)


def test_the_bad_print_of_2013_does_not_move_the_consensus() -> None:
    """Even where 19.9 is a price that BTC can have: beside two more, it is an outlier."""
    prices, flags = [], []
    for print_, elsewhere in (("190", "189.5"), ("19.9", "186"), ("182", "182.4")):
        others = [quoted(name, elsewhere) for name in ("a", "b")]
        rows = flagged([quoted("bitfinex", print_), *others], LIMITS, {})
        flags.append(rows[0].flags)
        prices.append(consensus(NOON, rows).price)
    assert flags == ["", "outlier", ""]
    assert prices == ["189.5", "186", "182.4"]
