"""Both axes of the chart: round prices, and round times of UTC."""

from dataclasses import dataclass
from datetime import UTC, datetime

from charts.price_marks import clock
from charts.price_plane import BOTTOM, WIDTH, Place, Plane
from charts.price_scale import dollars
from reading.price_minutes import MINUTE_SECONDS
from shared.names import timestamp

# Where a text in the middle of its line would be cut: anywhere, and on a narrow screen.
_CUT, _CUT_IF_NARROW = 45, 90


@dataclass(frozen=True)
class Tick:
    """A price or a time with a line through it."""

    place: Place
    text: str
    at: str = ""
    classes: str = ""


def price_ticks(plane: Plane) -> tuple[Tick, ...]:
    """From below."""
    ticks = plane.scale.ticks
    is_round = all(price == int(price) for price in ticks)
    return tuple(
        Tick(Place(0, plane.y(price)), dollars(price, is_round=is_round)) for price in ticks
    )


def time_ticks(plane: Plane, minutes: int) -> tuple[Tick, ...]:
    """Every so many minutes; on a narrow screen every other one is left out."""
    step = minutes * MINUTE_SECONDS
    first, last = -int(-plane.window.start // step), int(plane.window.end // step)
    return tuple(
        _time_tick(number * step, plane, is_other=bool((last - number) % 2))
        for number in range(first, last + 1)
    )


def _time_tick(at: float, plane: Plane, *, is_other: bool) -> Tick:
    place = Place(plane.x(at), BOTTOM)
    classes = ["other"] if is_other else []
    side, room = ("first", place.x) if place.x < WIDTH / 2 else ("last", WIDTH - place.x)
    if room < _CUT_IF_NARROW:
        classes.append(side if room < _CUT else f"narrow-{side}")
    return Tick(place, clock(at), timestamp(datetime.fromtimestamp(at, UTC)), " ".join(classes))
