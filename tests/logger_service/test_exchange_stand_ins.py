import socket
import threading
from contextlib import closing
from datetime import UTC, datetime
from itertools import count

import pytest

from emulators.exchange_server import Answer
from emulators.exchange_tickers import TICKERS, Market
from emulators.exchanges import ExchangeServers
from market.exchange import Exchange
from market.exchanges import KINDS, Coinbase

NOON = datetime(2026, 11, 22, 12, 0, 0, 250_000, UTC)
MARKET = Market("84342.01", "84342.00", "84342.02", "12345.67800000", NOON)
TIMES = {
    "coinbase": "2026-11-22T12:00:00.250000Z",
    "kraken": "",
    "bitstamp": "2026-11-22T12:00:00Z",
    "gemini": "2026-11-22T12:00:00.250Z",
    "binance": "2026-11-22T12:00:00.250Z",
    "coingecko": "2026-11-22T12:00:00Z",
}


def spoken(url: str, request: bytes) -> bytes:
    """All that the server says to these bytes on a connection of their own."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize("name", TICKERS)
def test_a_made_ticker_is_read_like_a_real_one(servers: ExchangeServers, name: str) -> None:
    """What is put into a market comes out of the exchange's own shape, digit by digit."""
    servers[name].answer = lambda: Answer(body=TICKERS[name](MARKET))
    with closing(KINDS[name](servers.url)) as exchange:
        quote = exchange.quote()
    book = ("", "", "") if name == "coingecko" else ("84342.00", "84342.02", "12345.67800000")
    assert quote.price == "84342.01"
    assert (quote.bid, quote.ask, quote.volume_24h) == book
    assert quote.exchange_ts == TIMES[name]


def test_a_function_is_asked_for_each_answer(servers: ExchangeServers) -> None:
    """So a price can move from one request to the next."""
    prices = count(84_000)

    def answer() -> Answer:
        moved = Market(str(next(prices)), "83999", "84001", "1", NOON)
        return Answer(body=TICKERS["coinbase"](moved))

    servers.coinbase.answer = answer
    with closing(Coinbase(servers.url)) as exchange:
        assert [exchange.quote().price for _ in range(3)] == ["84000", "84001", "84002"]


def test_a_long_run_counts_its_requests_and_keeps_none() -> None:
    """Memory does not grow with the number of requests."""
    with ExchangeServers(keep_requests=False) as servers, closing(Coinbase(servers.url)) as asked:
        for _ in range(5):
            asked.quote()
    assert (servers.coinbase.calls, servers.coinbase.requests) == (5, [])


@pytest.mark.parametrize("kind", KINDS.values())
def test_the_stand_ins_answer_the_real_paths(
    servers: ExchangeServers, kind: type[Exchange]
) -> None:
    """Only the host differs from the address that is documented."""
    assert kind.base_url.startswith("https://")
    with closing(kind(servers.url)) as exchange:
        exchange.quote()
    assert servers[kind.name].calls == 1
    assert servers.connections == {kind.path: 1}


def test_a_path_of_none_is_not_found(servers: ExchangeServers) -> None:
    """A slash too few is another path."""
    told = spoken(servers.url, b"GET /api/v2/ticker/btcusd HTTP/1.1\r\nHost: a\r\n\r\n")
    assert told.startswith(b"HTTP/1.1 404 Not Found\r\n")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"hello\r\n\r\n",
        b"POST /products/BTC-USD/ticker HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /products/BTC-USD/ticker HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi",
        b"GET /products/BTC-USD/ticker HTTP/1.1\r\nnonsense\r\n\r\n",
        b"GET /products/BTC-USD/ticker HTTP/1.1\r\n" + b"A: b\r\n" * 101 + b"\r\n",
        b"GET /products/BTC-USD/ticker HTTP/1.1\r\nHost: a",
        b"\xff",
    ],
)
def test_what_is_no_plain_get_is_refused_and_ends_its_connection(
    servers: ExchangeServers, request_bytes: bytes
) -> None:
    """The server is small because it refuses what no test needs, rather than guess."""
    told = spoken(servers.url, request_bytes)
    assert told.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"Connection: close\r\n" in told
    assert servers.coinbase.calls == 0


@pytest.mark.parametrize(
    ("ends", "answers"), [(b"", 2), (b"Connection: close\r\n", 1), (b"connection: Close\r\n", 1)]
)
def test_a_connection_is_kept_until_the_client_ends_it(
    servers: ExchangeServers, ends: bytes, answers: int
) -> None:
    """Two requests at once on one connection are answered one after the other."""
    request = b"GET /products/BTC-USD/ticker HTTP/1.1\r\n" + ends + b"\r\n"
    assert spoken(servers.url, 2 * request).count(b"HTTP/1.1 200 OK") == answers


def test_the_end_of_the_servers_leaves_no_thread() -> None:
    """Not even with a connection open and an answer held."""
    before = set(threading.enumerate())
    with ExchangeServers() as servers:
        servers.coinbase.released.clear()
        host, port = servers.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.sendall(b"GET /products/BTC-USD/ticker HTTP/1.1\r\n\r\n")
            assert servers.coinbase.asked.wait(30)
            assert set(threading.enumerate()) - before
    assert set(threading.enumerate()) - before == set()
