"""How each exchange says in a body that it gives no ticker.

A function per exchange takes a decoded body, of any shape, and gives None unless it is an error;
what they tell apart is documented where `exchanges` says, numbers come as text.
"""

import re
from typing import Any

from market.refusals import Said, by_status
from market.unavailable import Cause

_KRAKEN = (  # by how an error begins; the first that fits counts
    ("EGeneral:Too many requests", Cause.RATE_LIMITED),
    ("EAPI:Rate limit exceeded", Cause.RATE_LIMITED),
    ("EService:Throttled", Cause.RATE_LIMITED),
    ("EService:", Cause.SERVER),
    ("EGeneral:Internal error", Cause.SERVER),
    ("EQuery:", Cause.BAD_SYMBOL),
    ("EGeneral:Permission denied", Cause.BLOCKED),
)
_KRAKEN_THROTTLED = re.compile(r"EService:Throttled:([0-9]{9,11})")
_BITSTAMP = dict.fromkeys(("400.002", "400.067", "400.068"), Cause.RATE_LIMITED)
_GEMINI = {
    "RateLimit": Cause.RATE_LIMITED,
    "InvalidSymbol": Cause.BAD_SYMBOL,
    "Maintenance": Cause.SERVER,
    "MarketNotOpen": Cause.SERVER,
    "System": Cause.SERVER,
}
_BINANCE = {
    "-1000": Cause.SERVER,  # unknown
    "-1001": Cause.SERVER,  # disconnected
    "-1003": Cause.RATE_LIMITED,
    "-1006": Cause.SERVER,  # unexpected response
    "-1007": Cause.SERVER,  # timeout
    "-1008": Cause.SERVER,  # overloaded
    "-1015": Cause.RATE_LIMITED,
    "-1121": Cause.BAD_SYMBOL,
}
_COINGECKO_BLOCKS = ("1020", "10002", "10005", "10010", "10011")  # the CDN's, and four of the key


def kraken(body: Any) -> Said | None:
    """`{"error": ["EGeneral:Too many requests"]}`, with status 200; entries with W only warn."""
    if not isinstance(body, dict) or not body.get("error"):
        return None
    entries = body["error"]
    if not isinstance(entries, list):
        return Said(None)
    # Some have a space after their colons, some have none.
    errors = [re.sub(r":\s+", ":", entry) for entry in map(str, entries) if entry[:1] != "W"]
    if not errors and "result" in body:
        return None
    found = (cause for error in errors for start, cause in _KRAKEN if error.startswith(start))
    throttled = [float(match[1]) for match in map(_KRAKEN_THROTTLED.fullmatch, errors) if match]
    return Said(next(found, None), max(throttled, default=None))


def coinbase(body: Any) -> Said | None:
    """`{"message": "NotFound"}`."""
    if not isinstance(body, dict) or "message" not in body or "price" in body:
        return None
    message = str(body["message"]).lower()
    if "rate limit" in message:
        return Said(Cause.RATE_LIMITED)
    return Said(Cause.BAD_SYMBOL if message == "notfound" else None)


def bitstamp(body: Any) -> Said | None:
    """`{"status": "error", "reason": "...", "code": "400.002"}`."""
    if not isinstance(body, dict) or body.get("status") != "error":
        return None
    return Said(_BITSTAMP.get(str(body.get("code"))))


def gemini(body: Any) -> Said | None:
    """`{"result": "error", "reason": "RateLimit", "message": "..."}`."""
    if not isinstance(body, dict) or body.get("result") != "error":
        return None
    # An unknown market is just a "Bad Request"; only its message says more.
    if "not a valid symbol" in str(body.get("message")):
        return Said(Cause.BAD_SYMBOL)
    return Said(_GEMINI.get(str(body.get("reason"))))


def binance(body: Any) -> Said | None:
    """`{"code": -1121, "msg": "Invalid symbol."}`; code 0 leaves it to the status."""
    if not isinstance(body, dict) or not {"code", "msg"} <= body.keys():
        return None
    return Said(_BINANCE.get(str(body["code"])))


def coingecko(body: Any) -> Said | None:
    """`{"status": {"error_code": 429}}`, the same within `error`, or a text there; in a 200 too."""
    if not isinstance(body, dict) or "bitcoin" in body:
        return None
    if not body.keys() & {"status", "error", "error_code"}:
        return None
    code = str(_coingecko_code(body))
    if code in _COINGECKO_BLOCKS:
        return Said(Cause.BLOCKED)
    is_http_status = re.fullmatch("[45][0-9][0-9]", code)
    return Said(by_status(int(code)) if is_http_status else None)


def _coingecko_code(body: dict[str, Any]) -> Any:
    inner = body.get("error")
    for part in (body, body.get("status"), inner, inner and _status_within(inner)):
        if isinstance(part, dict) and "error_code" in part:
            return part["error_code"]
    return None


def _status_within(error: Any) -> Any:
    return error.get("status") if isinstance(error, dict) else None
