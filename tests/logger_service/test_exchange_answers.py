from contextlib import closing
from datetime import UTC, datetime
from itertools import chain, repeat

import pytest

from emulators.exchange_tickers import recorded
from emulators.exchanges import ExchangeServers
from market.exchange import Exchange
from market.exchanges import KINDS, Binance, Bitstamp, Coinbase, CoinGecko, Gemini, Kraken
from market.quote import Quote
from market.unavailable import QuoteUnavailable

ARRIVAL = datetime(2026, 11, 22, 20, 30, 0, 123456, UTC)


def ask(kind: type[Exchange], servers: ExchangeServers) -> Quote:
    """One quote, with clocks that say that it took 87 ms."""
    ticks = chain([5.0], repeat(5.0871))
    exchange = kind(servers.url, clock=lambda: ARRIVAL, monotonic=lambda: next(ticks))
    with closing(exchange):
        return exchange.quote()


def test_coinbase_gives_its_strings_exactly_as_sent(servers: ExchangeServers) -> None:
    """Price, book, volume and the time of the last trade come through unchanged."""
    assert ask(Coinbase, servers) == Quote(
        source="coinbase",
        price="73367.8",
        bid="73360.34",
        ask="73369.19",
        volume_24h="1207.50668151",
        exchange_ts="2024-03-13T11:10:41.270099Z",
        latency_ms=87,
        observed_at=ARRIVAL,
    )


def test_kraken_gives_the_24_hour_volume_and_no_time(servers: ExchangeServers) -> None:
    """Trailing zeros stay, and today's volume is not taken for the day's."""
    assert ask(Kraken, servers) == Quote(
        source="kraken",
        price="82998.90000",
        bid="82998.90000",
        ask="82999.00000",
        volume_24h="2862.86180275",
        exchange_ts="",
        latency_ms=87,
        observed_at=ARRIVAL,
    )


def test_bitstamp_gives_its_epoch_seconds_as_iso(servers: ExchangeServers) -> None:
    """Integer prices stay integers; only the time changes its form."""
    assert ask(Bitstamp, servers) == Quote(
        source="bitstamp",
        price="73285",
        bid="73353",
        ask="73367",
        volume_24h="135.29692054",
        exchange_ts="2024-03-13T11:10:41Z",
        latency_ms=87,
        observed_at=ARRIVAL,
    )


def test_gemini_gives_the_bitcoin_volume_and_its_time(servers: ExchangeServers) -> None:
    """Not the volume in dollars; milliseconds become ISO."""
    assert ask(Gemini, servers) == Quote(
        source="gemini",
        price="11381.47",
        bid="11381.50",
        ask="11388.08",
        volume_24h="915.6534281291",
        exchange_ts="2019-08-12T05:30:00.000Z",
        latency_ms=87,
        observed_at=ARRIVAL,
    )


def test_binance_says_that_it_quotes_in_tether(servers: ExchangeServers) -> None:
    """The row's symbol is another one, so nobody takes it for a price in dollars."""
    assert ask(Binance, servers) == Quote(
        source="binance",
        price="73346.14000000",
        bid="73267.15000000",
        ask="73345.89000000",
        volume_24h="129.21293000",
        exchange_ts="2024-03-13T11:10:44.727Z",
        latency_ms=87,
        observed_at=ARRIVAL,
        symbol="BTC-USDT",
    )


def test_coingecko_gives_an_average_and_says_so(servers: ExchangeServers) -> None:
    """Every digit of its float stays; it has no book, and no volume that others could compare."""
    assert ask(CoinGecko, servers) == Quote(
        source="coingecko",
        price="97330.07874144994",
        bid="",
        ask="",
        volume_24h="",
        exchange_ts="2024-12-21T03:38:48Z",
        latency_ms=87,
        observed_at=ARRIVAL,
        flags="aggregate",
    )


def test_another_market_of_binance_is_no_quote(servers: ExchangeServers) -> None:
    """A recorded ticker of DOGE has all fields, and none of them is of Bitcoin."""
    servers.binance.body = recorded("binance_dogeusdt")
    with pytest.raises(QuoteUnavailable, match="'DOGEUSDT' is another market"):
        ask(Binance, servers)


def test_numbers_without_quotes_keep_every_digit(servers: ExchangeServers) -> None:
    """A body that turns strings into JSON numbers is read without passing through a float."""
    servers.coinbase.body = (
        b'{"price":73367.80000000000000001,"bid":73360,"ask":73369.10,"volume":0,'
        b'"time":"2024-03-13T11:10:41.270099123Z"}'
    )
    quote = ask(Coinbase, servers)
    assert (quote.price, quote.bid, quote.ask, quote.volume_24h) == (
        "73367.80000000000000001",
        "73360",
        "73369.10",
        "0",
    )


@pytest.mark.parametrize("name", KINDS)
def test_keys_that_an_exchange_adds_do_no_harm(servers: ExchangeServers, name: str) -> None:
    """Tickers grow over the years; `rfq_volume` came to Coinbase's that way."""
    before = ask(KINDS[name], servers)
    servers[name].body = b'{"added":{"later":[1]},' + servers[name].body.lstrip()[1:]
    assert ask(KINDS[name], servers) == before


def test_a_warning_of_kraken_beside_a_result_is_no_failure(servers: ExchangeServers) -> None:
    """What begins with W only warns."""
    before = ask(Kraken, servers)
    servers.kraken.body = servers.kraken.body.replace(b'"error":[]', b'"error":["WGeneral:Slow"]')
    assert ask(Kraken, servers) == before


def test_a_request_says_who_asks_and_what_for(servers: ExchangeServers) -> None:
    """Exchanges block clients that do not name themselves."""
    ask(Coinbase, servers)
    (headers,) = servers.coinbase.requests
    assert headers["User-Agent"] == "btc-logger/0.1"
    assert headers["Accept"] == "application/json"


def test_times_that_lag_are_told_from_those_that_do_not() -> None:
    """Gemini counts its volume every few minutes, and CoinGecko's caches are minutes old."""
    assert {name for name, kind in KINDS.items() if kind.coarse_time} == {"gemini", "coingecko"}


@pytest.mark.parametrize("kind", KINDS.values())
def test_whether_a_time_is_old_is_told_by_whoever_opens_the_source(kind: type[Exchange]) -> None:
    """Unless it is told, the time says nothing."""
    with closing(kind()) as untold, closing(kind(stale_after=120)) as told:
        assert (untold.stale_after, told.stale_after) == (None, 120)
