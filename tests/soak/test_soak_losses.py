"""A row that is missing is found out, and only the promised causes excuse it."""

from pathlib import Path

import pytest

from soak.evidence import Files, Taken
from soak.ledger import Ledger
from soak.losses import Cause, Losses, file_faults

FILE, LOGGER, DISK = "BTC-USD/2026-11-22.1a2b3c4d.csv", "1a2b3c4d", "a-disk"
WHOLE = {FILE: b"row 10\nrow 20\nrow 30\n"}
SHORT = {FILE: b"row 10\nrow 20\n"}
EMPTY: Files = {}
NOW = 100.0


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """Three rows, put on disk at 10, 20 and 30."""
    place = tmp_path / "ledger"
    place.write_text("".join(f"{at}\t{DISK}\t{FILE}\trow {at}\n" for at in (10, 20, 30)))
    found = Ledger(place)
    found.read()
    return found


def judged(
    losses: Losses, ledger: Ledger, archive: Files, live: Files, *covers: Taken
) -> list[tuple[str, Cause]]:
    """The rows that are missing now, with their causes."""
    missing = losses.missing(ledger, NOW, archive, live)
    explained = losses.explain(missing, ledger.loggers, covers)
    return [(row.text, cause) for row, cause in explained.items()]


def test_nothing_is_missing_where_both_have_all(ledger: Ledger) -> None:
    """Whatever else they have."""
    assert judged(Losses(), ledger, WHOLE, WHOLE | {"BTC-USD/other.csv": b"row 1\n"}) == []


@pytest.mark.parametrize(("archive", "live"), [(SHORT, WHOLE), (WHOLE, SHORT), (SHORT, SHORT)])
def test_an_injected_loss_has_no_cause(ledger: Ledger, archive: Files, live: Files) -> None:
    """Wherever the row is missing."""
    assert judged(Losses(), ledger, archive, live) == [("row 30", Cause.NONE)]


def test_rows_that_came_later_are_not_missed_yet(ledger: Ledger) -> None:
    """They have their time too."""
    assert Losses().missing(ledger, 25, SHORT, SHORT) == {}


@pytest.mark.parametrize("cause", [Cause.CRASH, Cause.REFUSED])
def test_what_no_backup_covers_may_go_with_its_disk(ledger: Ledger, cause: Cause) -> None:
    """Here the backup of 20 was the last."""
    losses = Losses(gone={DISK: cause})
    assert judged(losses, ledger, SHORT, SHORT, Taken(LOGGER, 20.5)) == [("row 30", cause)]


def test_what_a_backup_covers_may_not_go(ledger: Ledger) -> None:
    """Also when its disk did."""
    losses = Losses(gone={DISK: Cause.CRASH})
    covers = Taken(LOGGER, 20.5), Taken(LOGGER, 30.5), Taken("another", 90)
    assert judged(losses, ledger, SHORT, SHORT, *covers) == [("row 30", Cause.NONE)]


def test_a_backup_of_another_disk_covers_nothing(ledger: Ledger) -> None:
    """However new it is."""
    losses = Losses(gone={DISK: Cause.CRASH})
    assert judged(losses, ledger, SHORT, SHORT, Taken("another", 90)) == [("row 30", Cause.CRASH)]


@pytest.mark.parametrize(("archive", "live"), [(SHORT, WHOLE), (WHOLE, SHORT)])
def test_what_one_of_both_has_was_not_lost_with_its_disk(
    ledger: Ledger, archive: Files, live: Files
) -> None:
    """So the other one has to get it."""
    losses = Losses(gone={DISK: Cause.CRASH})
    assert judged(losses, ledger, archive, live) == [("row 30", Cause.NONE)]


def test_a_row_is_lost_once(ledger: Ledger) -> None:
    """And counted under its cause."""
    losses = Losses(gone={DISK: Cause.CRASH})
    missing = losses.missing(ledger, NOW, EMPTY, EMPTY)
    losses.rows |= losses.explain(missing, ledger.loggers, [Taken(LOGGER, 10.5)])
    assert losses.by_cause == {Cause.CRASH: 2, Cause.REFUSED: 0, Cause.NONE: 1}
    assert losses.missing(ledger, NOW, EMPTY, EMPTY) == {}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"row 10\n",
        b"row 10\nro",
        b"row 10\nrow 20\nrow 30\n",
        b"row 10\nrow 20\nrow 30\nrow 40\n",  # a kill came before it was taken down
    ],
)
def test_a_beginning_of_what_was_recorded_is_fine(ledger: Ledger, content: bytes) -> None:
    """Wherever it ends."""
    assert file_faults(ledger, {FILE: content}, "the archive") == []


@pytest.mark.parametrize(
    "content",
    [
        b"row 20\nrow 10\n",
        b"row 10\nrow 30\n",
        b"row 10\nrow 2\n",
        b"row 10\nrow 20\nrow 30\nrow 40\nrow 50\nrow 60\n",
    ],
)
def test_any_other_bytes_are_told(ledger: Ledger, content: bytes) -> None:
    """As rows in another order, one left out, one cut, or more than one write unknown."""
    (fault,) = file_faults(ledger, {FILE: content}, "the archive")
    assert fault == f"{FILE} in the archive is no beginning of what was recorded"


def test_a_duplicated_row_is_told(ledger: Ledger) -> None:
    """Where it lies at the end of what is known, too."""
    (fault,) = file_faults(ledger, {FILE: WHOLE[FILE] + b"row 30\n"}, "the running logger")
    assert fault == f"{FILE} in the running logger has a row twice"
