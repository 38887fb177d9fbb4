import json
from collections.abc import Iterator
from contextlib import closing

import pytest

from emulators.exchanges import COINBASE, KRAKEN, ExchangeServers
from exchanges import LONGEST_BODY, Bitstamp, Coinbase, Exchange, Kraken
from unavailable import QuoteUnavailable


@pytest.fixture
def servers() -> Iterator[ExchangeServers]:
    """The three exchanges on loopback."""
    with ExchangeServers() as running:
        yield running


def failure(kind: type[Exchange], url: str) -> QuoteUnavailable:
    """The error that asking ends in."""
    with closing(kind(url)) as exchange, pytest.raises(QuoteUnavailable) as caught:
        exchange.quote()
    assert caught.value.source == kind.name
    return caught.value


@pytest.mark.parametrize("status", [301, 403, 404, 418, 429, 451, 500, 503])
def test_any_status_but_200_is_no_quote(servers: ExchangeServers, status: int) -> None:
    """Even one that carries a ticker; the error keeps the status."""
    servers.coinbase.status = status
    servers.coinbase.headers = {"Location": servers.url + Bitstamp.path}
    assert failure(Coinbase, servers.url).status == status
    assert servers.bitstamp.calls == 0


@pytest.mark.parametrize("reason", ["EGeneral:Too many requests", "EService:Unavailable"])
def test_a_kraken_error_inside_a_200_is_no_quote(servers: ExchangeServers, reason: str) -> None:
    """Kraken reports its rate limit with HTTP 200, whether or not a result comes with it."""
    for result in ({}, {"result": json.loads(KRAKEN)["result"]}):
        servers.kraken.body = json.dumps({"error": [reason], **result}).encode()
        error = failure(Kraken, servers.url)
        assert error.status == 200
        assert f"refused: ['{reason}']" in str(error)


@pytest.mark.parametrize("markets", [[], ["XXBTZUSD", "XETHZUSD"]])
def test_kraken_must_answer_exactly_one_market(
    servers: ExchangeServers, markets: list[str]
) -> None:
    """A request that lost its pair answers all markets, and none of them may be guessed."""
    market = json.loads(KRAKEN)["result"]["XXBTZUSD"]
    servers.kraken.body = json.dumps(
        {"error": [], "result": dict.fromkeys(markets, market)}
    ).encode()
    assert "no ticker" in str(failure(Kraken, servers.url))


def test_the_first_digit_of_a_kraken_string_is_no_price(servers: ExchangeServers) -> None:
    """Where a list is expected, a string must not be indexed like one."""
    servers.kraken.body = KRAKEN.replace(b'["82998.90000","0.00603612"]', b'"82998.90000"')
    assert "no ticker" in str(failure(Kraken, servers.url))


def test_an_html_page_is_no_quote_and_its_beginning_is_shown(servers: ExchangeServers) -> None:
    """A proxy's page with status 200 is the usual cause of a bad body."""
    servers.bitstamp.body = b"<!DOCTYPE html><title>Attention Required!</title>" + b"x" * 1000
    error = failure(Bitstamp, servers.url)
    assert "Attention Required!" in str(error)
    assert len(str(error)) < 500


@pytest.mark.parametrize(
    "price",
    [
        "NaN",
        "Infinity",
        "-1",
        "0",
        "0.00",
        "",
        " 1",
        "1\n",
        "1_000",
        "1e5",
        "\u0661",
        "9" * 21,
        None,
    ],
)
def test_a_price_must_be_a_plain_number_above_zero(
    servers: ExchangeServers, price: str | None
) -> None:
    """Whatever else a body holds there never reaches a row."""
    servers.coinbase.body = json.dumps({**json.loads(COINBASE), "price": price}).encode()
    assert "no ticker" in str(failure(Coinbase, servers.url))


@pytest.mark.parametrize("time", ["2024-13-13T11:10:41Z", "2024-03-13\n11:10:41Z", "yesterday", 1])
def test_a_time_must_be_one(servers: ExchangeServers, time: object) -> None:
    """A text that is no time, or that would break a row's line, is a bad body."""
    servers.coinbase.body = json.dumps({**json.loads(COINBASE), "time": time}).encode()
    assert "no ticker" in str(failure(Coinbase, servers.url))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'"73367.8"',
        b"{}",
        b"\xff",
        b"NaN",
        b"[" * 100_000,
        b'{"error":[],"result":[]}',
    ],
)
@pytest.mark.parametrize("kind", [Coinbase, Kraken, Bitstamp])
def test_json_of_another_shape_is_no_quote(
    servers: ExchangeServers, kind: type[Exchange], body: bytes
) -> None:
    """Every shape ends in the one exception that the recorder expects."""
    getattr(servers, kind.name).body = body
    assert failure(kind, servers.url).status == 200


def test_a_body_is_read_up_to_a_limit_only(servers: ExchangeServers) -> None:
    """An endless answer must not fill the memory."""
    servers.coinbase.body = b" " * LONGEST_BODY + COINBASE
    assert "more than" in str(failure(Coinbase, servers.url))


def test_an_exchange_that_cannot_be_reached_has_no_status() -> None:
    """Nothing listens there any more."""
    with ExchangeServers() as servers:
        url = servers.url
    assert failure(Kraken, url).status is None


def test_an_answer_that_breaks_off_is_no_quote(servers: ExchangeServers) -> None:
    """Half a body is not a body, although its beginning arrived with status 200."""
    servers.coinbase.headers = {"Content-Length": str(len(COINBASE) + 1), "Connection": "close"}
    assert "did not answer" in str(failure(Coinbase, servers.url))
