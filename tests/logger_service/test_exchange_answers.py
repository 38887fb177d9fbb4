from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest

from emulators.exchanges import ExchangeServers
from exchanges import Bitstamp, Coinbase, Exchange, Kraken
from quote import Quote

ARRIVAL = datetime(2026, 11, 22, 20, 30, 0, 123456, UTC)


@pytest.fixture
def servers() -> Iterator[ExchangeServers]:
    """The three exchanges on loopback."""
    with ExchangeServers() as running:
        yield running


def ask(kind: type[Exchange], servers: ExchangeServers) -> Quote:
    """One quote, with clocks that say that it took 87 ms."""
    ticks = iter([5.0, 5.0871])
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


def test_a_request_says_who_asks_and_what_for(servers: ExchangeServers) -> None:
    """Exchanges block clients that do not name themselves."""
    ask(Coinbase, servers)
    (headers,) = servers.coinbase.requests
    assert headers["User-Agent"] == "btc-logger/0.1"
    assert headers["Accept"] == "application/json"


def test_the_connection_is_kept_open_between_polls(servers: ExchangeServers) -> None:
    """Three quotes, a refusal among them, need one connection."""
    with closing(Coinbase(servers.url)) as exchange:
        exchange.quote()
        servers.coinbase.status = 503
        with pytest.raises(Exception, match="503"):
            exchange.quote()
        servers.coinbase.status = 200
        exchange.quote()
    assert servers.coinbase.calls == 3
    assert servers.connections == {Coinbase.path: 1}
