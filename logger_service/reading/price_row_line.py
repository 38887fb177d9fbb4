"""Which lines are rows of a price file: what `record.price_row` writes, told by its shape.

A year has twenty million rows, and to parse all cells of each would take longer than to send them.
"""

import re
from datetime import datetime
from typing import NamedTuple

_NUMBER = rb"[0-9]{1,20}(?:\.[0-9]{1,20})?"
_ABOVE_ZERO = rb"(?=[0-9.]*[1-9])" + _NUMBER
_INSTANT = rb"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?Z"
_NAME = rb"[A-Za-z0-9_.-]{1,64}"
_FLAGS = rb"(?:[a-z0-9_]{1,64}(?:\|[a-z0-9_]{1,64}){0,15})?"
_OTHERS = rb",".join(
    [
        _NAME,
        _ABOVE_ZERO,
        rb"(?:%b)?" % _ABOVE_ZERO,
        rb"(?:%b)?" % _ABOVE_ZERO,
        rb"(?:%b)?" % _NUMBER,
        rb"(?:%b)?" % _INSTANT,
        rb"[0-9]{1,9}",
        _FLAGS,
    ]
)
_ROW = re.compile(rb"(%b),(%b),%b" % (_INSTANT, _NAME, _OTHERS))
_TIME = re.compile(rb"(%b)," % _INSTANT)


class Row(NamedTuple):
    """One line of a price file, without its end."""

    at: datetime
    source: str
    instance: str  # whose file has it
    line: bytes


def row_of(line: bytes, instance: str) -> Row | None:
    """The row; None for a line that is none."""
    found = _ROW.fullmatch(line)
    at = found and _time(found[1])
    return Row(at, found[2].decode(), instance, line) if found and at else None


def time_of(line: bytes) -> datetime | None:
    """What the line's first cell says, as far as it is a time."""
    found = _TIME.match(line)
    return _time(found[1]) if found else None


def _time(text: bytes) -> datetime | None:
    try:
        return datetime.fromisoformat(text.decode())
    except ValueError:
        return None
