from collections import Counter

import pytest

from writing.tally import Tally


def tally(written: int, waiting: int, missing: Counter[str]) -> Tally:
    """Of two sources at ten points of the grid, one of them missed."""
    return Tally(2, 9, Counter(clock=1), written, waiting, missing, 0.0, 0.0)


def test_every_row_is_written_or_waits_or_is_missing_for_a_cause() -> None:
    """One more or less, and the sum says so."""
    missing = Counter(clock=2, parked=3)
    assert tally(14, 1, missing).rows_due == 20
    assert tally(14, 1, missing).adds_up
    assert not tally(13, 1, missing).adds_up
    assert not tally(14, 2, missing).adds_up
    assert not tally(14, 1, missing + Counter(late=1)).adds_up


@pytest.mark.parametrize(
    ("waiting", "missing", "words"),
    [
        (0, Counter[str](), "20 rows written"),
        (0, Counter(parked=3, late=4), "20 rows written, 7 missing (late 4, parked 3)"),
        (2, Counter(disk=1), "20 rows written, 2 not taken by the disk, 1 missing (disk 1)"),
    ],
)
def test_it_tells_what_is_missing_and_why(waiting: int, missing: Counter[str], words: str) -> None:
    """The causes with the most rows come first."""
    assert str(tally(20, waiting, missing)) == words
