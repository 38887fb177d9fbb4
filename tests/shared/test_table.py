"""What a table's lines are: a header, rows, and the time that a row begins with."""

from datetime import UTC, datetime

import pytest

from shared.table import RowCount, is_header, row_time

HEADER = b"ts_utc,source,price\n"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "row",
    [
        b"2026-11-22T12:00:00.000Z,coinbase,1",
        b"2026-11-22 12:00:00,1",
        b'"2026-11-22T13:00:00+01:00",1',
        b"1795348800,1",
        b"1795348800.000,1",
        b"1795348800000,1",
    ],
)
def test_a_row_begins_with_its_time(row: bytes) -> None:
    """ISO 8601, or Unix time in seconds or milliseconds."""
    assert row_time(row) == NOON


@pytest.mark.parametrize(
    "row",
    [
        b"",
        b"42,1",
        b"BTC,1",
        b"\xff\xfe,1",
        b"0001-01-01T00:00:00+14:00,1",
        b"9" * 400,
        b"20991122",
    ],
)
def test_what_is_no_time_is_none(row: bytes) -> None:
    """A number that counts rows, a name, a date that cannot be."""
    assert row_time(row) is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"ts_utc,source,volume_24h", True),
        (b"\xef\xbb\xbfDate,Close", True),
        (b'"time","price"\r', True),
        (b"2026-11-22,1", False),
        (b"BTC,73000.1", False),
        (b'BTC,"-1"', False),
    ],
)
def test_a_header_has_names_alone(line: bytes, expected: bool) -> None:
    """A row has a number somewhere."""
    assert is_header(line) is expected


@pytest.mark.parametrize(
    ("raw", "known", "rows"),
    [
        (HEADER + b"1,a,2\n3,b,4\n", 0, 2),
        (b"1,a,2\n3,b,4\n", 0, 2),
        (HEADER + b"1,a,2\n3,b", 0, 2),
        (HEADER, 0, 0),
        (HEADER[:-1], 0, 0),
        (b"", 0, 0),
        (HEADER + b"1,a,2\n3,b,4\n", len(HEADER), 2),
        (HEADER + b"1,a,2\n3,b,4\n", len(HEADER) + 6, 1),
        (HEADER + b"1,a,2\n3,b,4\n", 4, 2),
        (HEADER + b"1,a,2\n", len(HEADER) + 6, 0),
    ],
)
@pytest.mark.parametrize("piece", [100, 7])
def test_rows_are_lines_without_the_header(raw: bytes, known: int, rows: int, piece: int) -> None:
    """And without those that were known before."""
    count = RowCount("a.csv", known)
    count.add(raw[: len(HEADER)])
    for at in range(len(HEADER), len(raw), piece):
        count.add(raw[at : at + piece])
    assert count.rows == rows


def test_only_tables_have_rows() -> None:
    """A JSON has lines, if any."""
    count = RowCount("a.json", 0)
    count.add(b"1\n2\n")
    assert count.rows == 0


def test_counting_may_begin_in_the_middle() -> None:
    """Of a long file only the end may come: its first line is no header, and counts as it ends."""
    count = RowCount("a.csv", known=104, size=100)
    count.add(b"a,b\nc,d\n1,2\n")
    assert count.rows == 2
