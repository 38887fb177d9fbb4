"""The recorded prices of today and of any time, as a running logger gives them out."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from job_processes import JobProcess, running_logger
from logger_service.quoted import NOON
from logger_service.recorded_days import lines, row, write_file
from market.quote import Quote
from record.price_row import HEADER

DAY = timedelta(days=1)
MINUTES = [NOON + timedelta(minutes=number) for number in range(4)]
KRAKEN = [row("kraken", f"5000{number}", at) for number, at in enumerate(MINUTES)]
BITSTAMP = [row("bitstamp", "49999", at + timedelta(milliseconds=20)) for at in MINUTES]
NEXT_DAY = row("kraken", "51000", NOON + DAY)


@pytest.fixture(scope="module")
def logger(logger_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JobProcess]:
    """One with two days of two instances, which overlap, and with what is none of ours."""
    data = tmp_path_factory.mktemp("recorded")
    write_file(data, "old", *in_order(KRAKEN[:3], BITSTAMP[:3]))
    write_file(data, "new", *(later(one) for one in in_order(KRAKEN[2:], BITSTAMP[2:])))
    write_file(data, "new", NEXT_DAY, day=NOON + DAY)
    (data / "foreign.csv").write_bytes(b"a,b\n1,2\n")
    with running_logger(logger_folder, data, LOG_INTERVAL_SECONDS="60") as running:
        yield running


def in_order(*series: list[Quote]) -> list[Quote]:
    """The rows of several sources, by time."""
    return sorted((one for rows in series for one in rows), key=lambda one: one.observed_at)


def later(one: Quote) -> Quote:
    """What another instance got of the same tick."""
    return row(one.source, one.price, one.observed_at + timedelta(milliseconds=5))


ALL = [*in_order(KRAKEN[:3], BITSTAMP[:3]), later(KRAKEN[3]), later(BITSTAMP[3])]


def csv_of(logger: JobProcess, query: str) -> bytes:
    """The body of an answer."""
    answer = logger.request("GET", f"/prices?{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return answer.content


@pytest.mark.parametrize(
    "query",
    [
        "from=2026-11-22&to=2026-11-23",
        "from=2026-11-22T00:00:00Z&to=2026-11-22T23:59:59.999Z",
        "to=2026-11-23",
        "from=2026-11-22T01:00:00%2B01:00&to=2026-11-23T00:00:00+00:00",
        "from=2026-11-22T12:00:00&to=2026-11-22T12:04",
    ],
)
def test_a_range_has_the_rows_of_all_instances_once(logger: JobProcess, query: str) -> None:
    """However it is written; a time without a zone is UTC, and a + may come unescaped."""
    assert csv_of(logger, query) == HEADER + lines(ALL)


def test_the_end_is_not_in_the_range(logger: JobProcess) -> None:
    """And the beginning is: ranges can follow each other."""
    halves = ["from=2026-11-22&to=2026-11-22T12:01", "from=2026-11-22T12:01&to=2026-11-23"]
    parts = [csv_of(logger, query).removeprefix(HEADER) for query in halves]
    assert parts == [lines(ALL[:2]), lines(ALL[2:])]


def test_sources_can_be_named(logger: JobProcess) -> None:
    """One or several; over several days."""
    both = "from=2026-11-22&to=2026-11-24&source="
    kraken = [one for one in ALL if one.source == "kraken"]
    assert csv_of(logger, both + "kraken") == HEADER + lines([*kraken, NEXT_DAY])
    assert csv_of(logger, both + "kraken,bitstamp") == HEADER + lines([*ALL, NEXT_DAY])
    assert csv_of(logger, both + "gemini") == HEADER


@pytest.mark.parametrize(("query", "accept"), [("&format=json", "*/*"), ("", "application/json")])
def test_prices_come_as_json(logger: JobProcess, query: str, accept: str) -> None:
    """An array of rows, asked for either way; cells that are empty are null."""
    path = f"/prices?from=2026-11-22&to=2026-11-23{query}"
    answer = logger.request("GET", path, headers={"Accept": accept})
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    rows = json.loads(answer.text)
    assert len(rows) == len(ALL)
    assert rows[0] == {
        "ts_utc": "2026-11-22T12:00:00.000Z",
        "source": "kraken",
        "symbol": "BTC-USD",
        "price": "50000",
        "bid": None,
        "ask": None,
        "volume_24h": "1200.5",
        "exchange_ts": None,
        "latency_ms": 87,
        "flags": None,
    }


def test_a_time_without_rows_is_empty(logger: JobProcess) -> None:
    """A header alone, or an empty array."""
    assert csv_of(logger, "from=2020-01-01&to=2021-01-01") == HEADER
    answer = logger.request("GET", "/prices?from=2020-01-01&to=2021-01-01&format=json")
    assert answer.json() == []


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("from=yesterday", "from: found 'yesterday', expected a time such as"),
        ("to=2026-02-30", "to: found '2026-02-30', expected a time such as"),
        ("to=0001-01-01T00:00%2B10:00", "to: found '0001-01-01T00:00+10:00', expected a time"),
        ("to=0001-01-01", "to: found '0001-01-01', expected a time"),
        ("from=2026-11-22&to=2026-11-22", "from: found '2026-11-22', expected a time before to"),
        ("from=9000-01-01", "from: found '9000-01-01', expected a time before to"),
        ("source=mtgox", "source: found 'mtgox', expected some of binance,bitstamp"),
        ("source=", "source: found '', expected some of"),
        ("format=xml", "format: found 'xml', expected csv or json"),
        ("start=2026-11-22", "start: no such parameter"),
        ("to=2026-11-22&to=2026-11-23", "to: found 2 times"),
    ],
)
def test_a_bad_value_is_named(logger: JobProcess, query: str, detail: str) -> None:
    """With what was found and what is expected."""
    answer = logger.request("GET", f"/prices?{query}")
    assert answer.status_code == 400, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"].startswith(detail)
    assert answer.json()["hint"]


def test_the_default_is_the_last_day(logger_folder: Path, tmp_path: Path) -> None:
    """Of now, or of the end that is given; today's rows alone are in the CSV of today."""
    now = datetime.now(UTC)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    yesterday, before = (
        row("kraken", "1", at.replace(microsecond=0))
        for at in (now - timedelta(hours=23, minutes=30), now - timedelta(hours=25))
    )
    this_morning = row("kraken", "2", midnight)
    by_day: dict[str, list[Quote]] = {}
    for one in in_order([before, yesterday, this_morning]):
        by_day.setdefault(f"{one.observed_at:%Y-%m-%d}", []).append(one)
    for rows in by_day.values():
        write_file(tmp_path, "ab12", *rows, day=rows[0].observed_at)
    kept = in_order([one for one in (yesterday, this_morning) if one.observed_at > now - DAY])
    with running_logger(logger_folder, tmp_path) as logger:
        day = logger.request("GET", "/prices?source=kraken")
        today = logger.request("GET", "/data.csv?source=kraken")
    assert day.content == HEADER + lines(kept)
    expected = [one for one in kept if one.observed_at >= midnight]
    assert today.content == HEADER + lines(expected)
    assert today.headers["Content-Type"] == "text/csv; charset=utf-8"


def test_two_running_loggers_give_one_row_a_tick(logger_folder: Path, tmp_path: Path) -> None:
    """As in the minute of a deploy, while both write to one directory."""
    fast = {"LOG_INTERVAL_SECONDS": "0.1", "BACKUP_ENABLED": "false"}
    with (
        running_logger(logger_folder, tmp_path, **fast) as old,
        running_logger(logger_folder, tmp_path, **fast) as new,
    ):
        new.wait_until(lambda: len(_files_with_rows(tmp_path, 10)) >= 2)
        old.end()
        new.wait_until(lambda: len(_files_with_rows(tmp_path, 30)) >= 1)
        body = new.request("GET", "/data.csv").text
    rows = body.splitlines()[1:]
    times = [datetime.fromisoformat(line.partition(",")[0]) for line in rows]
    assert times == sorted(times)
    ticks = [int(at.timestamp() * 1000) // 100 for at in times]
    assert len(ticks) == len(set(ticks)) >= 20


def _files_with_rows(data: Path, count: int) -> list[Path]:
    places = data.rglob("*.csv")
    return [place for place in places if place.read_bytes().count(b"\n") > count]


def test_without_a_file_of_today_there_is_the_header(logger_folder: Path, tmp_path: Path) -> None:
    """Also where another program writes, whose files are no price files."""
    (tmp_path / "old.csv").write_bytes(b"a,b\n1,2\n")
    sleeping = {"LOGGER_COMMAND": "sleep 1000"}
    with running_logger(logger_folder, tmp_path, **sleeping) as logger:
        assert logger.request("GET", "/data.csv").content == HEADER
        assert logger.request("GET", "/prices").content == HEADER
        assert logger.request("GET", "/csv/old.csv").content == b"a,b\n1,2\n"


def test_a_folder_that_cannot_be_read_is_told(logger_folder: Path, tmp_path: Path) -> None:
    """503, and not an empty answer."""
    (tmp_path / "BTC-USD").write_bytes(b"a file")
    with running_logger(logger_folder, tmp_path) as logger:
        answer = logger.request("GET", "/prices")
        assert answer.status_code == 503
        assert "the prices cannot be read: Not a directory" in answer.json()["detail"]


def test_what_is_passed_over_stands_in_the_log(logger_folder: Path, tmp_path: Path) -> None:
    """With the address that was asked for; the rows that are there come."""
    place = write_file(tmp_path, "ab12", KRAKEN[0])
    with place.open("ab") as file:
        file.write(b"torn")
    with running_logger(logger_folder, tmp_path) as logger:
        answer = logger.request("GET", "/prices?to=2026-11-23")
        assert answer.content == HEADER + lines(KRAKEN[:1])
        logger.wait_for_line(r"/prices\?to=2026-11-23 passed over 1 lines: .*b'torn'")
