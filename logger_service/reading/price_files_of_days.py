"""Which price files there are of which day, told by their names alone."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from market.quote import SYMBOL

_NAME = re.compile(r"(\d{4}-\d\d-\d\d)\.([A-Za-z0-9_-]+)\.csv", re.ASCII)


class PriceFileName(NamedTuple):
    """What a name says: the UTC day, whose file it is, and where it lies."""

    day: date
    instance: str
    place: Path


def files_by_day(data_dir: Path, first: date, last: date) -> Iterator[list[PriceFileName]]:
    """The files of each day that has any, in order; both days included.

    Raises:
        OSError: the folder is there and cannot be listed.
    """
    try:
        names = [path for path in (data_dir / SYMBOL).iterdir() if _NAME.fullmatch(path.name)]
    except FileNotFoundError:
        return  # nothing has been recorded here
    found = sorted(_read(names))
    wanted = (name for name in found if first <= name.day <= last)
    for _, of_day in groupby(wanted, key=lambda name: name.day):
        yield list(of_day)


def _read(places: list[Path]) -> Iterator[PriceFileName]:
    for place in places:
        match = _NAME.fullmatch(place.name)
        with suppress(ValueError):  # no day of the calendar
            if match:
                yield PriceFileName(date.fromisoformat(match[1]), match[2], place)
