"""Sorts the answers that are no quote into causes, by their status and by what they say.

What a body says is more exact than the status: Kraken reports its rate limit with 200, Gemini
an unknown market with 400.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from market.kept_connection import Answer
from market.unavailable import Cause

_BY_STATUS = {
    401: Cause.BLOCKED,
    403: Cause.BLOCKED,
    404: Cause.BAD_SYMBOL,
    408: Cause.SERVER,
    418: Cause.RATE_LIMITED,  # Binance's ban of who goes on after a 429
    429: Cause.RATE_LIMITED,
    451: Cause.BLOCKED,
}
_SECONDS = re.compile(r"[+-]?[0-9]{1,9}(\.[0-9]{1,9})?")


@dataclass(frozen=True)
class Said:
    """What a body that is an error says of its cause; None where only the status tells."""

    cause: Cause | None
    until: float | None = None  # seconds since 1970, before which it is no use to ask again


def decoded(answer: Answer) -> Any:
    """The body's JSON, with numbers as the text they were sent as; None where there is none."""
    if "html" in answer.headers.get("Content-Type", "").lower():
        return None
    try:
        return json.loads(answer.body, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return None


def cause(status: int, said: Said | None) -> Cause:
    """Why an answer with this status and this body is no quote."""
    return (said and said.cause) or by_status(status)


def by_status(status: int) -> Cause:
    """What an HTTP status tells by itself; an answer that should be a ticker is a bad body."""
    is_theirs = 500 <= status < 600
    return _BY_STATUS.get(status, Cause.SERVER if is_theirs else Cause.BAD_BODY)


def retry_after(headers: Mapping[str, str], said: Said | None, now: datetime) -> float | None:
    """The seconds that the exchange asks to be left alone for, if it does.

    A time is measured against the exchange's own clock where it shows it, else against `now`.
    """
    wanted = headers.get("Retry-After", "").strip()
    until = said.until if said else None
    if until is None and _SECONDS.fullmatch(wanted):
        return max(float(wanted), 0.0)
    until = until if until is not None else _http_time(wanted)
    if until is None:
        return None
    sent_at = _http_time(headers.get("Date", ""))
    return max(until - (now.timestamp() if sent_at is None else sent_at), 0.0)


def _http_time(text: str) -> float | None:
    """Seconds since 1970 of an HTTP date, or None."""
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
