import json
from contextlib import closing

import pytest

from asked_exchanges import failure
from emulators.exchange_faults import WRONG_BODIES, Fault
from emulators.exchanges import COINBASE, KRAKEN, ExchangeServers
from market.exchange import Exchange
from market.exchanges import KINDS, Bitstamp, Coinbase, CoinGecko, Kraken
from market.kept_connection import LONGEST_BODY
from market.unavailable import Cause


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_no_quote_and_is_not_followed(servers: ExchangeServers, status: int) -> None:
    """Even one that carries a ticker, and leads to another."""
    servers.coinbase.status = status
    servers.coinbase.headers = {"Location": servers.url + Bitstamp.path}
    told = failure(Coinbase, servers.url)
    assert told.status == status
    assert repr(COINBASE.decode())[:200] in str(told)
    assert servers.bitstamp.calls == 0


@pytest.mark.parametrize("fault", WRONG_BODIES)
@pytest.mark.parametrize("name", KINDS)
def test_a_wrong_body_is_no_quote(servers: ExchangeServers, name: str, fault: Fault) -> None:
    """It is told from a refusal and from a missing answer, since asking again will not help."""
    servers[name].fault = fault
    told = failure(KINDS[name], servers.url)
    assert (told.cause, told.status) == (Cause.BAD_BODY, 200)
    assert f"{name} answered 200" in str(told)


@pytest.mark.parametrize("fault", [Fault.DROPPED_BEFORE, Fault.DROPPED_WITHIN])
@pytest.mark.parametrize("name", KINDS)
def test_an_answer_that_does_not_come_whole_is_no_quote(
    servers: ExchangeServers, name: str, fault: Fault
) -> None:
    """Half a body is not a body, although its beginning arrived with status 200."""
    servers[name].fault = fault
    told = failure(KINDS[name], servers.url)
    assert (told.cause, told.status, told.retry_after) == (Cause.NETWORK, None, None)
    assert f"{name} did not answer" in str(told)


@pytest.mark.parametrize("length", [b"-5", b"zz", b""])
def test_a_piece_of_an_impossible_length_is_no_quote(
    servers: ExchangeServers, length: bytes
) -> None:
    """Nothing tells where such an answer ends, so none came."""
    servers.coinbase.headers = {"Transfer-Encoding": "chunked"}
    servers.coinbase.body = length + b"\r\n" + COINBASE + b"\r\n0\r\n\r\n"
    told = failure(Coinbase, servers.url)
    assert told.cause is Cause.NETWORK


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


def test_a_long_value_does_not_make_a_long_message(servers: ExchangeServers) -> None:
    """What is wrong with a field is told in a line of the log, however long the field is."""
    servers.coinbase.body = json.dumps({**json.loads(COINBASE), "price": "x" * 100_000}).encode()
    error = failure(Coinbase, servers.url)
    assert "is not" not in str(error)
    assert len(str(error)) < 600


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
def test_a_time_that_is_none_costs_no_price(servers: ExchangeServers, time: object) -> None:
    """Nor does it reach the row, whose line it could break: a flag says that it is missing."""
    servers.coinbase.body = json.dumps({**json.loads(COINBASE), "time": time}).encode()
    with closing(Coinbase(servers.url)) as exchange:
        quote = exchange.quote()
    assert (quote.price, quote.exchange_ts, quote.flags) == ("73367.8", "", "untimed")


@pytest.mark.parametrize("time", [-1, 1.5, "1e3", "", None, 10**15, [1], "13.03.2024"])
@pytest.mark.parametrize("name", sorted(set(KINDS) - {"kraken"}))
def test_each_exchange_may_change_how_it_writes_its_time(
    servers: ExchangeServers, name: str, time: object
) -> None:
    """Not whole, before 1970 or thousands of years ahead: the flags say so, beside its own."""
    fields = {"time", "timestamp", "closeTime", "last_updated_at"}

    def retimed(pairs: list[tuple[str, object]]) -> dict[str, object]:
        return {key: time if key in fields else value for key, value in pairs}

    body = json.loads(servers[name].body, object_pairs_hook=retimed)
    servers[name].body = json.dumps(body).encode()
    with closing(KINDS[name](servers.url)) as exchange:
        quote = exchange.quote()
    assert quote.exchange_ts == ""
    assert quote.flags == "|".join(filter(None, [KINDS[name].flags, "untimed"]))


def test_a_body_without_a_time_is_no_ticker(servers: ExchangeServers) -> None:
    """What has lost a field is another answer than the one that was asked for."""
    body = json.loads(COINBASE)
    del body["time"]
    servers.coinbase.body = json.dumps(body).encode()
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
        b'{"bitcoin":[],"volume":1,"symbol":"BTCUSDT"}',
    ],
)
@pytest.mark.parametrize("kind", KINDS.values())
def test_json_of_another_shape_is_no_quote(
    servers: ExchangeServers, kind: type[Exchange], body: bytes
) -> None:
    """Every shape ends in the one exception that the recorder expects."""
    servers[kind.name].body = body
    told = failure(kind, servers.url)
    assert (told.cause, told.status) == (Cause.BAD_BODY, 200)


def test_a_body_is_read_up_to_a_limit_only(servers: ExchangeServers) -> None:
    """An endless answer must not fill the memory."""
    servers.coinbase.body = b" " * LONGEST_BODY + COINBASE
    assert "more than" in str(failure(Coinbase, servers.url))


def test_an_exchange_that_cannot_be_reached_has_no_status() -> None:
    """Nothing listens there any more."""
    with ExchangeServers() as servers:
        url = servers.url
    told = failure(Kraken, url)
    assert (told.cause, told.status) == (Cause.NETWORK, None)


@pytest.mark.parametrize("status", [200, 401])
def test_a_key_is_sent_and_never_shown(servers: ExchangeServers, status: int) -> None:
    """Not even if what answers, such as a proxy, repeats all that it was sent."""
    servers.coingecko.status = status
    servers.coingecko.body = b'{"error":"you sent CG-secret","bitcoin":{"usd":"CG-secret"}}'
    told = failure(CoinGecko, servers.url, api_key="CG-secret")
    assert servers.coingecko.requests[0]["x-cg-demo-api-key"] == "CG-secret"
    assert "[key]" in str(told)
    assert "CG-secret" not in str(told)


def test_without_a_key_none_is_sent(servers: ExchangeServers) -> None:
    """The header would be refused if it were empty."""
    servers.coingecko.status = 500
    failure(CoinGecko, servers.url)
    assert "x-cg-demo-api-key" not in servers.coingecko.requests[0]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "kraken answered 403 and nothing else"),
        (b"<p>Go away</p>", "kraken answered 403: '<p>Go away</p>'"),
        (b"\xff\n\x1b", r"kraken answered 403: '\\xff\n\x1b'"),
    ],
)
def test_a_refusal_shows_what_was_said(servers: ExchangeServers, body: bytes, words: str) -> None:
    """In one line, whatever bytes they were."""
    servers.kraken.status, servers.kraken.body = 403, body
    assert str(failure(Kraken, servers.url)).startswith(words)
