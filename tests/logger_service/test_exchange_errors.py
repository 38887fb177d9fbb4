import json
from datetime import UTC, datetime, timedelta

import pytest

from asked_exchanges import failure
from emulators.exchange_errors import AT, DOCUMENTED_ERRORS, DocumentedError
from emulators.exchanges import COINBASE, KRAKEN, ExchangeServers
from market.exchanges import KINDS, Coinbase, Kraken
from market.unavailable import Cause

NOON = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize("error", DOCUMENTED_ERRORS, ids=str)
def test_a_documented_error_has_its_cause(servers: ExchangeServers, error: DocumentedError) -> None:
    """And its status, the time to wait if it asks for one, and a message that shows the body."""
    servers[error.exchange].fail_with(error)
    told = failure(KINDS[error.exchange], servers.url)
    assert (told.cause, told.status, told.retry_after) == (
        error.cause,
        error.status,
        error.retry_after,
    )
    assert f"{error.exchange} answered {error.status}" in str(told)
    said = repr(error.body[:200].decode()) if error.body else "and nothing else"
    assert said in str(told)


def test_each_exchange_has_an_error_of_each_cause_that_an_answer_can_have() -> None:
    """Only a missing answer is the network's."""
    found = {(error.exchange, error.cause) for error in DOCUMENTED_ERRORS}
    answered = [cause for cause in Cause if cause is not Cause.NETWORK]
    assert found == {(name, cause) for name in KINDS for cause in answered}


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (202, Cause.BAD_BODY),
        (204, Cause.BAD_BODY),
        (301, Cause.BAD_BODY),
        (401, Cause.BLOCKED),
        (403, Cause.BLOCKED),
        (404, Cause.BAD_SYMBOL),
        (408, Cause.SERVER),
        (410, Cause.BAD_BODY),
        (418, Cause.RATE_LIMITED),
        (429, Cause.RATE_LIMITED),
        (451, Cause.BLOCKED),
        (500, Cause.SERVER),
        (599, Cause.SERVER),
        (600, Cause.BAD_BODY),
    ],
)
@pytest.mark.parametrize("name", KINDS)
def test_where_a_body_says_nothing_the_status_does(
    servers: ExchangeServers, name: str, status: int, cause: Cause
) -> None:
    """Any status but 200 is no quote, even one that carries a ticker."""
    servers[name].status = status
    told = failure(KINDS[name], servers.url)
    assert (told.cause, told.status) == (cause, status)


@pytest.mark.parametrize(
    ("wanted", "seconds"),
    [
        ("0", 0),
        ("17", 17),
        (" 17 ", 17),
        ("1.5", 1.5),
        ("-3", 0),
        ("Sun, 22 Nov 2026 12:01:30 GMT", 90),
        ("Sunday, 22-Nov-26 12:01:30 GMT", 90),
        ("Sun Nov 22 12:01:30 2026", 90),
        ("Sun, 22 Nov 2026 11:59:00 GMT", 0),
        ("", None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("1e3", None),
        ("9" * 400, None),
        ("Sun, 99 Nov 2026 12:01:30 GMT", None),
        ("Sun, 22 Nov 99999 12:01:30 GMT", None),
        ("Sun, 22 Nov 2026 12:01:30 +9999999999", None),
    ],
)
def test_the_time_to_wait_is_a_number_or_a_date(
    servers: ExchangeServers, wanted: str, seconds: float | None
) -> None:
    """Nonsense is as good as nothing, and a time that is over as good as now."""
    servers.coinbase.status = 429
    servers.coinbase.headers = {"Retry-After": wanted}
    assert failure(Coinbase, servers.url, clock=lambda: NOON).retry_after == seconds


@pytest.mark.parametrize("date", ["nonsense", ""])
def test_without_a_date_of_theirs_our_clock_counts(servers: ExchangeServers, date: str) -> None:
    """A date that is none is not theirs."""
    servers.kraken.body = (
        f'{{"error":["EService:Throttled:{int(NOON.timestamp()) + 60}"]}}'.encode()
    )
    servers.kraken.headers = {"Date": date}
    assert failure(Kraken, servers.url, clock=lambda: NOON).retry_after == 60


def test_their_date_counts_more_than_our_clock(servers: ExchangeServers) -> None:
    """A clock of ours that is wrong by a year does not make us wait for one."""
    servers.coinbase.status = 503
    servers.coinbase.headers = {
        "Date": "Sun, 22 Nov 2026 20:30:00 GMT",
        "Retry-After": "Sun, 22 Nov 2026 20:30:45 GMT",
    }
    wrong = AT - timedelta(days=365)
    assert failure(Coinbase, servers.url, clock=lambda: wrong).retry_after == 45


@pytest.mark.parametrize("reason", ["EGeneral:Too many requests", "EService:Unavailable"])
def test_a_kraken_error_beside_a_result_is_no_quote(servers: ExchangeServers, reason: str) -> None:
    """A result that comes with an error is not to be trusted, warnings before it or not."""
    servers.kraken.body = json.dumps(
        {"error": ["WGeneral:Slow", reason], "result": json.loads(KRAKEN)["result"]}
    ).encode()
    told = failure(Kraken, servers.url)
    assert told.status == 200
    assert told.cause in (Cause.RATE_LIMITED, Cause.SERVER)


@pytest.mark.parametrize(
    "error", [["WGeneral:Slow"], "EService:Busy", {"E": 1}, [None], [["EQuery:x"]], [1], True]
)
def test_a_kraken_answer_without_a_result_is_no_quote(
    servers: ExchangeServers, error: object
) -> None:
    """Whatever stands in the place of its errors."""
    servers.kraken.body = json.dumps({"error": error}).encode()
    assert failure(Kraken, servers.url).cause is Cause.BAD_BODY


@pytest.mark.parametrize(
    "body",
    [
        b'{"status":1}',
        b'{"status":{"error_code":[]}}',
        b'{"error":{"status":[]}}',
        b'{"error_code":10010,"status":{"error_message":"host"}}',
        b'{"code":{},"msg":[]}',
        b'{"result":"error"}',
        b'{"status":"error","code":{}}',
        b'{"message":{"a":1}}',
    ],
)
@pytest.mark.parametrize("name", KINDS)
def test_an_error_of_a_strange_shape_is_still_an_error(
    servers: ExchangeServers, name: str, body: bytes
) -> None:
    """Also one of another exchange's; none of them comes out as anything but no quote."""
    servers[name].body = body
    assert failure(KINDS[name], servers.url).status == 200


def test_a_page_that_calls_itself_one_is_not_read_as_json(servers: ExchangeServers) -> None:
    """What a firewall sends in an exchange's place is no price, whatever it looks like."""
    servers.coinbase.headers = {"Content-Type": "text/html; charset=utf-8"}
    assert servers.coinbase.body == COINBASE
    assert failure(Coinbase, servers.url).cause is Cause.BAD_BODY
