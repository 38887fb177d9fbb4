"""From time and price to a place in the chart, and how places are written."""

from typing import NamedTuple

from charts.price_gaps import Span
from charts.price_scale import PriceScale

WIDTH, HEIGHT = 960, 300  # of the viewBox, which is stretched to what room there is
LEFT, RIGHT = 6, WIDTH - 8
TOP, BOTTOM = 14, 256  # below are the times


class Place(NamedTuple):
    """A point within the viewBox, to a tenth."""

    x: float
    y: float

    @property
    def left(self) -> str:
        """For what keeps its shape when the chart is stretched."""
        return f"{_short(round(self.x / WIDTH * 100, 2))}%"

    @property
    def top(self) -> str:
        """The same downwards."""
        return f"{_short(round(self.y / HEIGHT * 100, 2))}%"

    def __str__(self) -> str:
        """As a path has it."""
        return f"{_short(self.x)},{_short(self.y)}"


class Plane(NamedTuple):
    """What part of time and which prices the chart shows."""

    window: Span
    scale: PriceScale

    def place(self, at: float, price: float) -> Place:
        """A price beyond an edge is put on it; a time is always within."""
        return Place(self.x(at), self.y(price))

    def x(self, at: float) -> float:
        """Later is further to the right."""
        share = (at - self.window.start) / self.window.seconds
        return round(LEFT + share * (RIGHT - LEFT), 1)

    def y(self, price: float) -> float:
        """Dearer is further up."""
        return round(BOTTOM - self.scale.share(price) * (BOTTOM - TOP), 1)


def _short(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
