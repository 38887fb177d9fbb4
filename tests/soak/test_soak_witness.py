"""The ticks that the machine itself has cost are known, and only those."""

import os
import signal
from pathlib import Path

from soak.waiting import wait_until
from soak.witness import Witness, gaps

INTERVAL = 0.05


def test_what_lies_between_two_ticks_and_is_not_there_was_missed() -> None:
    """Nothing before the first one, and nothing after the newest."""
    assert gaps([3, 4, 7, 8, 10]) == {5, 6, 9}
    assert gaps([]) == gaps([3]) == gaps([3, 4]) == frozenset()


def test_who_stands_still_misses_ticks(tmp_path: Path) -> None:
    """As a process does that is stopped, which is what a stalled machine looks like from within."""
    place = tmp_path / "witness.txt"
    with Witness(tmp_path, INTERVAL) as witness:
        wait_until(lambda: place.exists() and lines(place) > 1, "it writes")
        number = witness.process_id
        os.kill(number, signal.SIGSTOP)
        before = lines(place)
        with Witness(tmp_path / "beside", INTERVAL):
            other = tmp_path / "beside" / "witness.txt"
            wait_until(lambda: other.exists() and lines(other) > 10, "time goes by")
        os.kill(number, signal.SIGCONT)
        wait_until(lambda: lines(place) > before + 1, "it goes on")
        assert len(witness.missed()) >= 8


def lines(place: Path) -> int:
    """How many are whole."""
    return place.read_text().count("\n")
