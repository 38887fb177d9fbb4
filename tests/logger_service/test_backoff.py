from writing.backoff import Backoff


def test_each_pause_is_twice_as_long_up_to_the_longest() -> None:
    """It then stays there."""
    backoff = Backoff(1, 60)
    assert [backoff.next() for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]


def test_after_a_reset_the_pauses_grow_anew() -> None:
    """What went well for a while is tried again soon."""
    backoff = Backoff(0.5, 60)
    for _ in range(20):
        backoff.next()
    backoff.reset()
    assert [backoff.next(), backoff.next()] == [0.5, 1]


def test_no_pause_is_longer_than_the_longest() -> None:
    """Not even the first."""
    assert Backoff(90, 60).next() == 60
