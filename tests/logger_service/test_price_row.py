from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from logger_service.quoted import NOON, quoted
from market.quote import Quote
from record.price_files import PriceFiles
from record.price_row import parse_row

LINE = "2026-11-22T12:00:00.123Z,kraken,BTC-USD,50000.10,49999,50001,12.5,,205,wide"
AT = NOON + timedelta(milliseconds=123)


@pytest.mark.parametrize(
    "quote",
    [
        quoted("kraken", "50000.10000", bid="1.0", ask="2.00", volume_24h="0"),
        quoted("replay-coinbase", volume_24h="", exchange_ts="2017-12-17T00:00:00.000Z"),
        quoted("coingecko", symbol="BTC-USDT", flags="aggregate|of_version_2", latency_ms=0),
    ],
)
def test_a_row_is_read_back_as_it_was_written(quote: Quote, tmp_path: Path) -> None:
    """No digit changes; of the arrival, the row has the milliseconds."""
    files = PriceFiles(tmp_path, "ab12")
    files.write([replace(quote, observed_at=AT + timedelta(microseconds=456))])
    (path,) = files.paths()
    assert parse_row((tmp_path / path).read_bytes().splitlines()[1]) == replace(
        quote, observed_at=AT
    )


@pytest.mark.parametrize(
    "line",
    [
        "",
        LINE[:-10],
        LINE + ",more",
        LINE.replace("2026-11-22T12:00:00.123Z", "1795262400"),
        LINE.replace("2026-11-22", "2026-11-32"),
        LINE.replace("kraken", ""),
        LINE.replace("kraken", "kra\nken"),
        LINE.replace("kraken", '"kraken'),
        LINE.replace("50000.10", "5e4"),
        LINE.replace("50000.10", ""),
        LINE.replace("49999", "NaN"),
        LINE.replace("12.5", "-1"),
        LINE.replace(",,205", ",yesterday,205"),
        LINE.replace("205", "20.5"),
        LINE.replace("wide", "wide|"),
        LINE.replace("50000", "50\x00000"),
        "\x00" * 80,
        "ts_utc,source,symbol,price,bid,ask,volume_24h,exchange_ts,latency_ms,flags",
    ],
)
def test_what_is_no_row_is_refused(line: str) -> None:
    """Half of one, one of another table, or what a crash has left."""
    assert parse_row(LINE.encode()).price == "50000.10"
    with pytest.raises(ValueError, match=r"."):
        parse_row(line.encode())


def test_bytes_that_are_no_text_are_refused() -> None:
    """As by a disk that mixes up its blocks."""
    with pytest.raises(ValueError, match="utf-8"):
        parse_row(LINE.encode().replace(b"wide", b"\xff\xfe"))
