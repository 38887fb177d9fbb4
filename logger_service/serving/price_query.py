"""What a query asks for: which times, which sources, and in which form."""

import re
from datetime import UTC, datetime, timedelta

from flask import Request

from market.exchanges import KINDS
from market.replay import Replay
from reading.price_range import PriceRange
from serving.problem import Problem

DEFAULT_HOURS = 24
TYPES = {"csv": "text/csv", "json": "application/json"}
SOURCES = frozenset({*KINDS, Replay.name})  # that a row can be of
_MOMENTS = "a time such as 2026-11-22T20:30:00Z, or a date"
# An unescaped + of an offset arrives as a space.
_LOST_PLUS = re.compile(r"(T.*) (\d\d:?\d\d)\Z", re.ASCII)


def sources(request: Request) -> frozenset[str]:
    """The names in `source`; none where all are asked for; raises Problem, 400."""
    text = request.args.get("source", "")
    names = frozenset(filter(None, (name.strip() for name in text.split(","))))
    if names - SOURCES or ("source" in request.args and not names):
        raise _bad("source", text, f"some of {','.join(sorted(SOURCES))}")
    return names


def price_range(request: Request, now: datetime) -> PriceRange:
    """`from` and `to`, by default the last day before `to` and now; raises Problem, 400."""
    end = _moment(request, "to") or now
    try:
        start = _moment(request, "from") or end - timedelta(hours=DEFAULT_HOURS)
    except OverflowError as error:
        raise _bad("to", request.args["to"], _MOMENTS) from error
    if start >= end:
        found = request.args.get("from", start.isoformat())
        raise _bad("from", found, f"a time before to, which is {end.isoformat()}")
    return PriceRange(start, end, sources(request))


def form(request: Request) -> str:
    """`csv` or `json`: what `format` says, or else what the client accepts."""
    text = request.args.get("format")
    if text is not None:
        if text not in TYPES:
            raise _bad("format", text, " or ".join(TYPES))
        return text
    accepted = request.accept_mimetypes.best_match(TYPES.values(), TYPES["csv"])
    return next(name for name, kind in TYPES.items() if kind == accepted)


def _moment(request: Request, name: str) -> datetime | None:
    text = request.args.get(name)
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(_LOST_PLUS.sub(r"\1+\2", text))
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _bad(name, text, _MOMENTS) from error


def _bad(name: str, found: str, expected: str) -> Problem:
    return Problem(400, f"{name}: found {found[:200]!r}, expected {expected}", f"Correct {name}")
