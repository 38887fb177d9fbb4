"""Which lines are taken for rows: those that `record.price_row` writes and reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logger_service.quoted import quoted
from logger_service.test_sanity_properties import quotes_of
from market.quote import Quote
from reading.price_row_line import row_of
from record.price_row import line_of, parse_row

GOOD = line_of(quoted(bid="1", ask="2", flags="wide|stale")).rstrip(b"\n")


@given(quotes_of("kraken"))
def test_every_row_that_is_written_is_one(quote: Quote) -> None:
    """With its time, its source and its bytes."""
    line = line_of(quote).rstrip(b"\n")
    row = row_of(line, "ab12")
    assert row == (parse_row(line).observed_at, "kraken", "ab12", line)


@given(st.integers(0, len(GOOD) - 1), st.binary(max_size=2))
def test_what_is_taken_for_a_row_can_be_parsed(at: int, other: bytes) -> None:
    """A damaged line is no row, or still one for whoever looks closer."""
    damaged = GOOD[:at] + other + GOOD[at + 1 :]
    if row_of(damaged, "ab12"):
        parse_row(damaged)


@pytest.mark.parametrize("end", range(len(GOOD) - len(b"wide|stale") - 1))
def test_the_beginning_of_a_row_is_none(end: int) -> None:
    """Up to its last comma: a write may be torn anywhere."""
    assert row_of(GOOD[:end], "ab12") is None


@pytest.mark.parametrize(
    "line",
    [b"", GOOD + b",more", GOOD.replace(b"50000", b"0.00"), GOOD.replace(b"T12:", b"T25:")],
)
def test_a_line_that_says_what_cannot_be_is_none(line: bytes) -> None:
    """More cells, no price, no time of the day."""
    assert row_of(line, "ab12") is None
