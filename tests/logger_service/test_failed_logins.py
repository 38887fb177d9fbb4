"""Guessing is slow: who has failed too often is not even listened to."""

import logging
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from serving import failed_logins as failed_logins_module
from serving.failed_logins import (
    KNOWN_SECONDS,
    MOST_OF_ALL,
    MOST_OF_ONE,
    FailedLogins,
    TooManyFailures,
)


class Door:
    """Failed logins, on a clock that a test turns."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.logins = FailedLogins(lambda: self.now)

    def guess(self, client: str = "192.0.2.1", guess: str = "") -> bool:
        """A wrong token; whether it was looked at."""
        try:
            assert not self.logins.attempt(client, lambda: False, guess)
        except TooManyFailures:
            return False
        return True

    def log_in(self, client: str = "192.0.2.1") -> bool:
        """The right one; whether it was looked at."""
        try:
            return self.logins.attempt(client, lambda: True)
        except TooManyFailures:
            return False


@pytest.fixture
def door() -> Door:
    """Nobody has tried yet."""
    return Door()


def guess_by_many(door: Door) -> None:
    """As many failures as there may be, none by a client that comes again."""
    assert all(door.guess(f"198.51.100.{number}") for number in range(MOST_OF_ALL))


def test_a_client_has_five_guesses_a_minute(door: Door) -> None:
    """The sixth is not looked at, nor is the right token then; another client's is."""
    assert [door.guess() for _ in range(MOST_OF_ONE + 1)] == [True] * MOST_OF_ONE + [False]
    assert not door.log_in()
    assert door.log_in("192.0.2.2")
    assert door.logins.count == MOST_OF_ONE


def test_the_same_guess_again_counts_once(door: Door) -> None:
    """So an open page asks with a session of another token; other guesses still count."""
    assert all(door.guess(guess="a cookie") for _ in range(2 * MOST_OF_ONE))
    assert door.logins.count == 1
    assert all(door.guess(guess=f"cookie {number}") for number in range(MOST_OF_ONE - 1))
    assert not door.log_in()


def test_the_window_moves_on(door: Door) -> None:
    """A minute after the first failure there is one guess more, and not five."""
    for _ in range(MOST_OF_ONE):
        door.guess()
        door.now += 10
    with pytest.raises(TooManyFailures) as caught:
        door.logins.attempt("192.0.2.1", lambda: True)
    assert caught.value.seconds == 10
    door.now += 10
    assert [door.guess(), door.guess()] == [True, False]


def test_what_is_refused_does_not_make_the_wait_longer(door: Door) -> None:
    """Else whoever keeps asking, as a page does, would be shut out for good."""
    for _ in range(MOST_OF_ONE):
        door.guess()
    for _ in range(59):
        door.now += 1
        assert not door.log_in()
    door.now += 1
    assert door.log_in()


def test_all_clients_have_sixty_guesses_a_minute(door: Door) -> None:
    """So many addresses are no way around the limit of one."""
    guess_by_many(door)
    assert not door.guess("203.0.113.9")
    assert not door.log_in("203.0.113.9")
    door.now += 60
    assert door.log_in("203.0.113.9")


def test_who_has_logged_in_is_not_shut_out_by_others(door: Door) -> None:
    """For an hour; his own failures count for him as for anybody."""
    assert door.log_in()
    guess_by_many(door)
    assert door.log_in()
    assert [door.guess() for _ in range(MOST_OF_ONE + 1)] == [True] * MOST_OF_ONE + [False]
    door.now += KNOWN_SECONDS
    guess_by_many(door)
    assert not door.log_in()


def test_guesses_at_once_are_counted_one_by_one(door: Door) -> None:
    """Sixteen threads do not get sixteen looks before one has failed."""
    together = Barrier(16)

    def guess(_: int) -> bool:
        together.wait(20)
        return door.guess()

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(guess, range(16))) == MOST_OF_ONE


def test_memory_has_a_bound(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client that was heard of longest ago is forgotten."""
    monkeypatch.setattr(failed_logins_module, "MOST_CLIENTS", 2)
    for client in ("a", "b", "c"):
        door.log_in(client)
    guess_by_many(door)
    assert [door.log_in(client) for client in ("a", "b", "c")] == [False, True, True]


def test_a_flood_is_a_line_a_minute(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    """It names the client, and how many have failed."""
    caplog.set_level(logging.WARNING)
    guess_by_many(door)
    assert [record.message for record in caplog.records] == [
        "a login with a wrong token from 198.51.100.0; 1 have failed so far"
    ]
    door.now += 60
    door.guess("203.0.113.9")
    assert caplog.records[-1].message.endswith("from 203.0.113.9; 61 have failed so far")
