import pytest
from hypothesis import given
from hypothesis import strategies as st

from logger_service.quoted import unavailable
from market.unavailable import Cause
from polling.parking import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    LONGEST_REQUEST,
    REFUSED_PAUSE,
    Park,
    Parking,
)

CAUSES = st.sampled_from(Cause)
ASKED = st.none() | st.floats(0, 10 * LONGEST_REQUEST)


def pauses(
    parking: Parking, cause: Cause, count: int, retry_after: float | None = None
) -> list[float]:
    """Seconds of the pause after each of so many failures, the next always being a probe."""
    found, now = [], 1000.0
    for _ in range(count):
        assert not parking.is_parked(now)
        parking.failed(unavailable(cause, retry_after), now)
        until = max(parking.park.until, now) if parking.park else now
        found.append(until - now)
        now = until
    return found


@pytest.mark.parametrize("cause", [Cause.SERVER, Cause.NETWORK, Cause.BAD_BODY])
def test_trouble_of_its_own_parks_a_source_at_the_third_unavailable(cause: Cause) -> None:
    """A minute then, and twice as long after each probe that fails, up to a quarter hour."""
    assert pauses(Parking(), cause, 8) == [0, 0, 60, 120, 240, 480, 900, 900]


def test_a_rate_limit_parks_a_source_at_once() -> None:
    """Going on asking is what makes it longer."""
    assert pauses(Parking(), Cause.RATE_LIMITED, 6) == [60, 120, 240, 480, 900, 900]


def test_a_source_is_left_alone_for_as_long_as_it_asks() -> None:
    """To the second the first time, and for no less than our own pauses after that."""
    assert pauses(Parking(), Cause.RATE_LIMITED, 4, 7) == [7, 120, 240, 480]
    assert pauses(Parking(), Cause.RATE_LIMITED, 2, 7200) == [7200, 7200]
    assert pauses(Parking(), Cause.SERVER, 2, 30) == [30, 120]


def test_a_wish_without_end_has_one() -> None:
    """Three days are the longest ban that an exchange documents."""
    assert pauses(Parking(), Cause.RATE_LIMITED, 1, 1e12) == [LONGEST_REQUEST]


@pytest.mark.parametrize("cause", [Cause.BLOCKED, Cause.BAD_SYMBOL])
def test_a_refusal_parks_a_source_for_hours(cause: Cause) -> None:
    """Where we are and what we ask for do not change by themselves."""
    assert pauses(Parking(), cause, 3) == [REFUSED_PAUSE] * 3


def test_a_year_of_failures_is_counted_without_overflow() -> None:
    """The pause stays at a quarter of an hour, however often it would have doubled."""
    assert pauses(Parking(), Cause.NETWORK, 40_000)[-1] == LONGEST_PAUSE


def test_an_answer_ends_the_trouble() -> None:
    """The next one begins from nothing."""
    parking = Parking()
    pauses(parking, Cause.SERVER, 5)
    parking.answered()
    assert parking.park is None
    assert pauses(parking, Cause.SERVER, 3) == [0, 0, 60]


def test_two_failures_and_an_answer_are_no_trouble() -> None:
    """Only failures in a row count."""
    parking = Parking()
    for _ in range(10):
        assert pauses(parking, Cause.NETWORK, 2) == [0, 0]
        parking.answered()


def test_a_pause_is_over_at_its_end_and_not_before() -> None:
    """To the second."""
    parking = Parking()
    parking.resume(Park(1060.0, Cause.RATE_LIMITED, "told before"))
    assert parking.is_parked(1059.999)
    assert not parking.is_parked(1060)


@given(failures=st.lists(st.tuples(CAUSES, ASKED), min_size=1, max_size=30))
def test_whatever_fails_is_asked_again_in_the_end(
    failures: list[tuple[Cause, float | None]],
) -> None:
    """No pause is without end, none ends before it should, and none shrinks below a minute."""
    parking, now = Parking(), 0.0
    for number, (cause, asked) in enumerate(failures, start=1):
        parking.failed(unavailable(cause, asked), now)
        pause = max(parking.park.until - now, 0) if parking.park else 0
        assert pause <= LONGEST_REQUEST + 1e-6
        assert pause >= min(asked or 0, LONGEST_REQUEST) - 1e-6
        if number >= 3 and not asked:
            assert pause >= FIRST_PAUSE - 1e-6
        now += pause
        assert not parking.is_parked(now)
