"""One page of many rows, with what leads to the pages beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request

from serving.problem import Problem

DIGITS = 6  # of the largest page that anybody may ask for

Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows `first` to `last` of `count`, counted from 1; None beside it where there is no page."""

    rows: Sequence[Row]
    first: int
    last: int
    count: int
    before: int | None
    after: int | None


def asked_page(rows: Sequence[Row], size: int) -> Page[Row]:
    """The one that the query names, by default the first; raises Problem, 400 or 404."""
    text = request.args.get("page", "1")
    last = max(-(-len(rows) // size), 1)
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS):
        raise Problem(400, f"page={text[:20]!r}", f"Expected a page from 1 to {last}")
    number = int(text)
    if not 0 < number <= last:
        raise Problem(404, f"there is no page {number}", f"Expected a page from 1 to {last}")
    begin, end = (number - 1) * size, min(number * size, len(rows))
    return Page(
        rows[begin:end],
        begin + 1,
        end,
        len(rows),
        before=number - 1 if number > 1 else None,
        after=number + 1 if number < last else None,
    )
