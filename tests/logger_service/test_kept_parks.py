from datetime import UTC, datetime, timedelta

import pytest

from logger_service.quoted import NOON
from market.unavailable import Cause
from polling.kept_parks import from_state, to_state
from polling.parking import LONGEST_REQUEST, Park
from record.state import Parked

END_OF_TIME = datetime.max.replace(tzinfo=UTC)


def test_a_pause_ends_for_the_next_process_when_it_would_have_ended() -> None:
    """Whatever its monotonic clock shows."""
    parks = {"binance": Park(160.0, Cause.BLOCKED, "answered 451")}
    kept = to_state(parks, NOON, 100.0)
    resumed = from_state(kept, NOON + timedelta(seconds=20), 7.0)
    assert resumed == {"binance": Park(47.0, Cause.BLOCKED, "answered 451")}


@pytest.mark.parametrize("until", [NOON + timedelta(days=365), END_OF_TIME])
def test_a_clock_that_was_years_ahead_parks_nobody_for_years(until: datetime) -> None:
    """It has been set right since, and the longest pause that a source may ask for is enough."""
    resumed = from_state({"kraken": Parked(until, "blocked", "answered 403")}, NOON, 100.0)
    assert resumed["kraken"].until == 100 + LONGEST_REQUEST
    kept = to_state(resumed, NOON + timedelta(seconds=1), 101.0)
    assert kept["kraken"].until == NOON + timedelta(seconds=LONGEST_REQUEST)
