"""Listings of the storage fake: which names are wanted, and what of them is on one page.

https://cloud.google.com/storage/docs/json_api/v1/objects/list
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, Protocol, TypeVar


class Named(Protocol):
    """Whatever can be listed."""

    @property
    def name(self) -> str:
        """Its name."""


Item = TypeVar("Item", bound=Named)


class Place(NamedTuple):
    """Where an entry stands; a generation tells apart what has one name."""

    entry: str = ""
    generation: int = 0


BEGINNING = Place()  # before all entries


@dataclass
class Page(Generic[Item]):
    """One page of a listing."""

    items: list[Item] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    last: Place = BEGINNING  # of its last entry
    more: bool = False  # whether another page follows

    @property
    def size(self) -> int:
        """How many entries it has."""
        return len(self.items) + len(self.prefixes)

    def add(self, place: Place, item: Item | None) -> None:
        """Add an object, or where there is none, a prefix."""
        self.last = place
        if item is None:
            self.prefixes.append(place.entry)
        else:
            self.items.append(item)


@dataclass(frozen=True)
class Listing:
    """Which names to list, and how many of them."""

    prefix: str = ""
    delimiter: str = ""
    start: str = ""  # inclusive
    end: str = ""  # exclusive; empty for no end
    after: Place = BEGINNING  # exclusive: the last entry of the page before
    limit: int = 1000

    def wants(self, name: str) -> bool:
        """Whether a name is in it, on whatever page."""
        is_between = name >= self.start and not (self.end and name >= self.end)
        return is_between and name.startswith(self.prefix)

    def page(
        self, items: Iterable[Item], generation: Callable[[Item], int] = lambda _: 0
    ) -> Page[Item]:
        """The page after `after` of items that are wanted, which come in their order."""
        page: Page[Item] = Page(last=self.after)
        for item in items:
            entry, is_prefix = self._entry(item.name)
            place = Place(entry, 0 if is_prefix else generation(item))
            if place <= page.last:
                continue
            if page.size == self.limit:
                page.more = True
                break
            page.add(place, None if is_prefix else item)
        return page

    def _entry(self, name: str) -> tuple[str, bool]:
        """What stands for a name, and whether that is a prefix shared by many."""
        rest = name[len(self.prefix) :]
        if not self.delimiter or self.delimiter not in rest:
            return name, False
        return self.prefix + rest[: rest.index(self.delimiter)] + self.delimiter, True
