"""What gcloud has brought back is held against what was written."""

from pathlib import Path

import pytest

from end_to_end.deploying import OLD_FILE, old_rows
from end_to_end.read_back import check
from shared.chunk import CHUNK_SIZE
from soak.ledger import Ledger

RECORDED = "BTC-USD/2026-11-22.1a2b3c4d.csv"
GOOD = {OLD_FILE.as_posix(): old_rows(), RECORDED: b"ts_utc,price\n1,2\n"}


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """One recorder has written a row more than came back."""
    place = tmp_path / "ledger"
    lines = ("ts_utc,price", "1,2", "2,3")
    place.write_text("".join(f"0\tdisk\t{RECORDED}\t{line}\n" for line in lines))
    ledger = Ledger(place)
    ledger.read()
    return ledger


def test_the_beginning_of_what_was_recorded_is_good(ledger: Ledger) -> None:
    """The recorder has gone on since."""
    check(GOOD, ledger)


@pytest.mark.parametrize(
    "wrong",
    [
        {RECORDED: b"ts_utc,price\n1,3\n"},
        {RECORDED: b"ts_utc,price\n1,2\n2,3\n2,3\n"},
        {OLD_FILE.as_posix(): old_rows()[:-1]},
    ],
)
def test_other_bytes_are_noticed(ledger: Ledger, wrong: dict[str, bytes]) -> None:
    """Of any file."""
    with pytest.raises(AssertionError, match="came back as another one"):
        check(GOOD | wrong, ledger)


def test_the_old_file_is_put_together_from_several_chunks() -> None:
    """Of which a recipe that takes them in another order would make another file."""
    assert len(old_rows()) > 2 * CHUNK_SIZE


def test_a_file_that_did_not_come_back_is_noticed(ledger: Ledger) -> None:
    """The recorder's file is in no backup."""
    with pytest.raises(AssertionError, match="not every file"):
        check({OLD_FILE.as_posix(): old_rows()}, ledger)
