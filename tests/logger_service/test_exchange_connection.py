import shutil
import socket
import ssl
import subprocess
from contextlib import closing
from itertools import count
from pathlib import Path
from threading import Thread

import pytest

from asked_exchanges import failure
from emulators.exchange_faults import Fault
from emulators.exchange_server import Answer, Way
from emulators.exchanges import COINBASE, ExchangeServers
from market.exchanges import Coinbase
from market.kept_connection import LONGEST_BODY, LONGEST_CALL, LONGEST_IDLE, KeptConnection
from market.unavailable import Cause, QuoteUnavailable
from polling.asking import Asking


def test_the_connection_is_kept_open_between_polls(servers: ExchangeServers) -> None:
    """Three quotes, a refusal among them, need one connection."""
    with closing(Coinbase(servers.url)) as exchange:
        exchange.quote()
        servers.coinbase.status = 503
        with pytest.raises(QuoteUnavailable, match="503"):
            exchange.quote()
        servers.coinbase.status = 200
        exchange.quote()
    assert servers.coinbase.calls == 3
    assert servers.connections == {Coinbase.path: 1}


@pytest.mark.parametrize("fault", [Fault.TRICKLED_HEAD, Fault.TRICKLED_BODY])
def test_a_server_that_trickles_does_not_hold_a_call_for_ever(
    servers: ExchangeServers, fault: Fault
) -> None:
    """Bytes keep coming, so no socket's timeout ends it; the call's own limit does."""
    servers.coinbase.fault = fault
    seconds = count()  # one passes whenever somebody looks at the clock
    told = failure(Coinbase, servers.url, monotonic=lambda: float(next(seconds)))
    assert told.cause is Cause.NETWORK
    assert f"not whole after {LONGEST_CALL:g} s" in str(told)


def test_a_connection_that_closes_under_a_request_costs_no_row(servers: ExchangeServers) -> None:
    """A server may end an idle connection just then; the tick's one more try makes a new one."""
    ways = iter([Way.WHOLE, Way.DROPPED_BEFORE, Way.WHOLE])
    servers.coinbase.answer = lambda: Answer(body=COINBASE, way=next(ways))
    asking = Asking(check=lambda _: None, pause=lambda _: False, monotonic=lambda: 0.0)
    with closing(Coinbase(servers.url)) as exchange:
        assert asking.ask(exchange, 4).price == asking.ask(exchange, 4).price
    assert servers.coinbase.calls == 3
    assert servers.connections == {Coinbase.path: 2}


def test_a_connection_that_was_closed_since_costs_no_row(servers: ExchangeServers) -> None:
    """The server said nothing of it; the next poll just finds it closed."""
    with closing(Coinbase(servers.url)) as exchange:
        exchange.quote()
        servers.drop_connections()
        exchange.quote()
    assert servers.coinbase.calls == 2
    assert servers.connections == {Coinbase.path: 2}


@pytest.mark.parametrize("way", [Way.DROPPED_BEFORE, Way.DROPPED_WITHIN])
def test_a_connection_that_breaks_is_not_tried_again_here(
    servers: ExchangeServers, way: Way
) -> None:
    """Not even a kept one: whether to ask again is for the tick to say, which does so once."""
    ways = iter([Way.WHOLE, way, Way.WHOLE])
    servers.coinbase.answer = lambda: Answer(body=COINBASE, way=next(ways))
    with closing(Coinbase(servers.url)) as exchange:
        exchange.quote()
        with pytest.raises(QuoteUnavailable):
            exchange.quote()
        assert servers.coinbase.calls == 2
        exchange.quote()
    assert servers.connections == {Coinbase.path: 2}


@pytest.mark.parametrize(("idle", "connections"), [(-1, 1), (1, 2)])
def test_a_connection_that_was_idle_for_long_is_not_used_again(
    servers: ExchangeServers, idle: float, connections: int
) -> None:
    """A router on the way may have forgotten it, and the request would wait for nothing."""
    now = [100.0]
    with closing(Coinbase(servers.url, monotonic=lambda: now[0])) as exchange:
        exchange.quote()
        now[0] += LONGEST_IDLE + idle
        exchange.quote()
    assert servers.connections == {Coinbase.path: connections}


def test_the_environment_names_no_proxy(
    servers: ExchangeServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody listens at the one it names, and the quote comes all the same."""
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with socket.socket() as silent, closing(Coinbase(servers.url)) as exchange:
        silent.bind(("127.0.0.1", 0))
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert exchange.quote().source == "coinbase"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """One of loopback that only its maker knows, with its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not there to make a certificate")
    place = tmp_path / "certificate.pem"
    subprocess.run(
        f"openssl req -x509 -newkey rsa:2048 -nodes -days 1 -keyout {place}.key -out {place}"
        " -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1".split(),
        capture_output=True,
        check=True,
    )
    return place


@pytest.mark.parametrize("is_known", [True, False])
def test_over_https_only_a_server_with_a_certificate_is_asked(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, is_known: bool
) -> None:
    """One by an authority that we know; its connection is kept open too."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, f"{certificate}.key")
    if is_known:
        monkeypatch.setattr("certifi.where", lambda: str(certificate))
    with ExchangeServers(tls=tls) as servers, closing(Coinbase(servers.url)) as exchange:
        for _ in range(2):
            if is_known:
                assert exchange.quote().price == "73367.8"
            else:
                with pytest.raises(QuoteUnavailable, match="certificate verify failed"):
                    exchange.quote()
    assert servers.coinbase.calls == (2 if is_known else 0)
    assert servers.connections.total() == is_known


def test_of_a_body_without_an_end_little_is_received(servers: ExchangeServers) -> None:
    """Enough to see that it is too long; the rest is left where it is."""
    servers.coinbase.body = b" " * (8 * LONGEST_BODY)
    with closing(KeptConnection(servers.url + Coinbase.path, {})) as connection:
        assert LONGEST_BODY < len(connection.get().body) <= 2 * LONGEST_BODY


def test_of_what_is_wrong_with_an_answer_little_is_told(servers: ExchangeServers) -> None:
    """It stands in the log, and in the state of each tick while the source is left alone."""
    servers.coinbase.headers = {"Content-Length": ", ".join(map(str, range(10_000)))}
    told = str(failure(Coinbase, servers.url))
    assert "Content-Length contained multiple unmatching values (0, 1, 2" in told
    assert len(told) < 300


def test_a_body_in_pieces_is_put_together(servers: ExchangeServers) -> None:
    """As servers send it that do not know its length beforehand; the connection stays."""
    middle = len(COINBASE) // 2
    pieces = (COINBASE[:middle], COINBASE[middle:], b"")
    servers.coinbase.headers = {"Transfer-Encoding": "chunked"}
    servers.coinbase.body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    with closing(Coinbase(servers.url)) as exchange:
        assert exchange.quote().price == exchange.quote().price == "73367.8"
    assert servers.connections == {Coinbase.path: 1}


def test_the_time_an_answer_took_is_in_the_quote(servers: ExchangeServers) -> None:
    """From asking to the last byte, by a clock that nobody sets."""
    servers.coinbase.delay = 0.05
    with closing(Coinbase(servers.url)) as exchange:
        assert exchange.quote().latency_ms >= 50


def test_a_held_answer_comes_when_it_is_released(servers: ExchangeServers) -> None:
    """The request is seen before the answer is, and the thread that asked gets it."""
    servers.coinbase.released.clear()
    with closing(Coinbase(servers.url)) as exchange:
        quotes = []
        asking = Thread(target=lambda: quotes.append(exchange.quote()), daemon=True)
        asking.start()
        assert servers.coinbase.asked.wait(30)
        assert quotes == []
        servers.coinbase.released.set()
        asking.join(30)
    assert [quote.source for quote in quotes] == ["coinbase"]
