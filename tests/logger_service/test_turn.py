"""Restores of one data directory take turns."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from catching_up.turn import Turn
from programs import PATIENCE_SECONDS


def nobody_waits() -> None:
    """Called where a thread has to."""
    pytest.fail("it had to wait")


def test_a_free_turn_is_had_at_once() -> None:
    """And again after its end."""
    turn = Turn()
    for _ in range(2):
        with turn.taken(nobody_waits):
            pass


def test_an_error_ends_a_turn() -> None:
    """Else it would be the last restore."""
    turn = Turn()
    with pytest.raises(OSError, match="full"), turn.taken():
        raise OSError("full")
    with turn.taken(nobody_waits):
        pass


def test_who_waits_longest_is_next() -> None:
    """Also before one who has just had it and wants it again, as a catch-up does."""
    turn, order = Turn(), []

    def take(name: str, on_waiting: Callable[[], None]) -> None:
        with turn.taken(on_waiting):
            order.append(name)

    with ThreadPoolExecutor(3) as pool:
        with turn.taken():
            for name in ("first", "second", "third"):
                waits = Event()
                pool.submit(take, name, waits.set)
                assert waits.wait(PATIENCE_SECONDS)
        with turn.taken():
            order.append("the one before")
    assert order == ["first", "second", "third", "the one before"]
