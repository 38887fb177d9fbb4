from datetime import timedelta
from pathlib import Path

import pytest

from judging.consensus import Consensus, consensus
from logger_service.quoted import NOON, quoted
from market.quote import Quote
from record.last_state import last_state
from record.price_files import PriceFiles
from record.state import Last, Parked, State, last_rows
from record.state_file import StateFile

NOW = NOON + timedelta(minutes=10)


def row(source: str, price: str, seconds: float = 0) -> Quote:
    """A row so many seconds after noon."""
    return quoted(source, price, observed_at=NOON + timedelta(seconds=seconds))


def record(data_dir: Path, *rows: Quote) -> None:
    """A price file of another instance."""
    files = PriceFiles(data_dir, "0123")
    files.write(rows)
    files.close()


def save(
    data_dir: Path, *rows: Quote, parked: dict[str, Parked] | None = None, seconds: float = 0
) -> None:
    """The state that another instance left after a tick with these rows."""
    agreed = consensus(NOON + timedelta(seconds=seconds), rows)
    StateFile(data_dir).save(State.of("0123", agreed, last_rows(rows), parked or {}))


def found(data_dir: Path) -> State:
    """What a logger that starts ten minutes later goes on from."""
    return last_state(data_dir, "ab12", 5, NOW)


def test_nothing_is_known_at_the_first_start(tmp_path: Path) -> None:
    """And that is what it says."""
    assert found(tmp_path) == State.of("ab12", Consensus(NOW, None, (), None), {}, {})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"format":2}', b"\0" * 512])
def test_without_a_state_that_can_be_used_it_is_made_from_the_rows(
    tmp_path: Path, content: bytes | None
) -> None:
    """The consensus of the last tick, and the last row of each source."""
    record(tmp_path, row("c", "7"), row("a", "50000", 5.1), row("b", "50010", 5.25))
    if content is not None:
        (tmp_path / ".backup").mkdir()
        (tmp_path / ".backup" / "state.json").write_bytes(content)
    state = found(tmp_path)
    assert (state.instance, state.at) == ("ab12", NOON + timedelta(seconds=5.25))
    assert (state.consensus.price, state.consensus.sources) == ("50005", ("a", "b"))
    assert {name: last.price for name, last in state.last.items()} == {
        "a": "50000",
        "b": "50010",
        "c": "7",
    }
    assert not state.parked


def test_a_state_as_new_as_the_rows_is_believed(tmp_path: Path) -> None:
    """It was saved just after them."""
    record(tmp_path, row("a", "50000", 5.1))
    save(tmp_path, row("a", "50000", 5.1), seconds=5)
    state = found(tmp_path)
    assert (state.at, state.instance) == (NOON + timedelta(seconds=5), "ab12")
    assert state.consensus.price == "50000"


def test_a_tick_without_rows_is_remembered(tmp_path: Path) -> None:
    """The price is not carried over from the rows of the tick before."""
    record(tmp_path, row("a", "50000", 0.1))
    empty = Consensus(NOON + timedelta(seconds=5), None, (), None)
    StateFile(tmp_path).save(State.of("0123", empty, last_rows([row("a", "50000", 0.1)]), {}))
    assert found(tmp_path).consensus.price is None
    assert found(tmp_path).last["a"].price == "50000"


def test_rows_are_known_after_ticks_that_brought_none(tmp_path: Path) -> None:
    """No source had answered yet when a restore, or another instance, brought the rows."""
    save(tmp_path)
    record(tmp_path, row("a", "50000", 5.1))
    assert found(tmp_path).consensus.price == "50000"


def test_rows_newer_than_the_state_win(tmp_path: Path) -> None:
    """The disk refused the state, or another instance recorded on; what it knew besides stays."""
    save(tmp_path, row("a", "50000", 0.1), row("d", "40000", 0.1))
    record(tmp_path, row("a", "50500", 5.1), row("d", "39000", -10))
    state = found(tmp_path)
    assert (state.consensus.price, state.consensus.sources) == ("50500", ("a",))
    assert state.last == {
        "a": Last("50500", NOON + timedelta(seconds=5.1), ""),
        "d": Last("40000", NOON + timedelta(seconds=0.1), ""),
    }


@pytest.mark.parametrize("seconds", [0.1, 5.1])
def test_who_is_still_parked_stays_so(tmp_path: Path, seconds: float) -> None:
    """Whether state or rows are newer: the rows know nothing of it. What is over is dropped."""
    parked = {
        "a": Parked(NOW + timedelta(milliseconds=1), "blocked", "answered 451"),
        "b": Parked(NOW, "rate_limited", "answered 429"),
        "c": Parked(NOW - timedelta(hours=1), "server", "answered 503"),
    }
    save(tmp_path, row("a", "50000", 0.1), parked=parked)
    record(tmp_path, row("a", "50000", seconds))
    assert found(tmp_path).parked == {"a": parked["a"]}


def test_starting_twice_gives_the_same(tmp_path: Path) -> None:
    """Reading changes nothing, and what was read can be saved and read again."""
    record(tmp_path, row("a", "50000", 5.1), row("b", "50010", 5.25))
    first = found(tmp_path)
    assert found(tmp_path) == first
    StateFile(tmp_path).save(first)
    assert found(tmp_path) == first
