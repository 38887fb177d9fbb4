"""The errors that the exchanges document, or are known to send, and what each one means.

The pages are those that `market/exchanges.py` names; where a page gives only a status,
the body is of the exchange's usual shape. `AT` is what an exchange's clock says where it shows it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from emulators.exchange_tickers import recorded
from market.unavailable import Cause

AT = datetime(2026, 11, 22, 20, 30, 0, tzinfo=UTC)
_DATE = {"Date": "Sun, 22 Nov 2026 20:30:00 GMT"}
_IN_90_SECONDS = int(AT.timestamp()) + 90
_HTML = {"Content-Type": "text/html; charset=UTF-8"}
_CDN_PAGE = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>"
_RESTRICTED = (
    "Service unavailable from a restricted location according to 'b. Eligibility' in "
    "https://www.binance.com/en/terms. Please contact customer service if you believe you "
    "received this message in error."
)


@dataclass(frozen=True)
class DocumentedError:
    """An answer that is an error; `name` is unique among those of its exchange."""

    exchange: str
    name: str
    status: int
    body: bytes
    cause: Cause
    headers: Mapping[str, str] = field(default_factory=dict)
    retry_after: float | None = None  # seconds that it asks for

    def __str__(self) -> str:
        return f"{self.exchange}: {self.name}"


def _page(exchange: str, status: int, cause: Cause) -> DocumentedError:
    return DocumentedError(exchange, f"page with {status}", status, _CDN_PAGE, cause, _HTML)


def _coinbase(status: int, message: str, cause: Cause) -> DocumentedError:
    body = json.dumps({"message": message}).encode()
    return DocumentedError("coinbase", f"{status} {message}", status, body, cause)


def _kraken(error: str, cause: Cause, retry_after: float | None = None) -> DocumentedError:
    body = json.dumps({"error": [error]}).encode()
    return DocumentedError("kraken", error, 200, body, cause, _DATE, retry_after)


def _bitstamp(status: int, code: str, reason: str, cause: Cause) -> DocumentedError:
    body = json.dumps({"status": "error", "reason": reason, "code": code}).encode()
    return DocumentedError("bitstamp", f"{status} {code}", status, body, cause)


def _gemini(status: int, reason: str, cause: Cause) -> DocumentedError:
    said = {"result": "error", "reason": reason, "message": f"It is {reason}"}
    body = json.dumps(said).encode()
    return DocumentedError("gemini", f"{status} {reason}", status, body, cause)


def _binance(
    status: int, code: int, message: str, cause: Cause, wait: int | None = None
) -> DocumentedError:
    body = json.dumps({"code": code, "msg": message}).encode()
    headers = {} if wait is None else {"Retry-After": str(wait)}
    return DocumentedError("binance", f"{status} {code}", status, body, cause, headers, wait)


def _coingecko(status: int, code: int, message: str, cause: Cause) -> DocumentedError:
    said = {"status": {"error_code": code, "error_message": message}}
    body = json.dumps(said).encode()
    return DocumentedError("coingecko", f"{status} {code}", status, body, cause)


def _coingecko_text(status: int, message: str, cause: Cause) -> DocumentedError:
    body = json.dumps({"error": message}).encode()
    return DocumentedError("coingecko", f"{status} {message}", status, body, cause)


_COINBASE = (
    _coinbase(400, "Bad Request", Cause.BAD_BODY),
    _coinbase(401, "Unauthorized.", Cause.BLOCKED),
    _coinbase(403, "Forbidden", Cause.BLOCKED),
    _coinbase(404, "NotFound", Cause.BAD_SYMBOL),
    _coinbase(429, "Public rate limit exceeded", Cause.RATE_LIMITED),
    _coinbase(500, "Internal server error", Cause.SERVER),
    _coinbase(503, "Service Unavailable", Cause.SERVER),
    _coinbase(200, "Public rate limit exceeded", Cause.RATE_LIMITED),
    _coinbase(200, "odd", Cause.BAD_BODY),
    _page("coinbase", 403, Cause.BLOCKED),
    _page("coinbase", 520, Cause.SERVER),
)
_KRAKEN = (
    _kraken("EGeneral:Too many requests", Cause.RATE_LIMITED),
    _kraken("EAPI:Rate limit exceeded", Cause.RATE_LIMITED),
    _kraken(f"EService: Throttled: {_IN_90_SECONDS}", Cause.RATE_LIMITED, 90),
    _kraken(f"EService:Throttled:{_IN_90_SECONDS - 100}", Cause.RATE_LIMITED, 0),
    _kraken("EService: Throttled: soon", Cause.RATE_LIMITED),
    _kraken("EService:Unavailable", Cause.SERVER),
    _kraken("EService:Busy", Cause.SERVER),
    _kraken("EService:Timeout", Cause.SERVER),
    _kraken("EService:Deadline elapsed", Cause.SERVER),
    _kraken("EService:Market in cancel_only mode", Cause.SERVER),
    _kraken("EService:Market in post_only mode", Cause.SERVER),
    _kraken("EGeneral:Internal error", Cause.SERVER),
    _kraken("EGeneral:Internal error[Nonce]", Cause.SERVER),
    _kraken("EQuery:Unknown asset pair", Cause.BAD_SYMBOL),
    _kraken("EQuery:Unknown asset", Cause.BAD_SYMBOL),
    _kraken("EGeneral:Permission denied", Cause.BLOCKED),
    _kraken("EGeneral:Invalid arguments", Cause.BAD_BODY),
    _kraken("EGeneral:Unknown Method", Cause.BAD_BODY),
    _page("kraken", 403, Cause.BLOCKED),
    _page("kraken", 502, Cause.SERVER),
    _page("kraken", 520, Cause.SERVER),
)
_BITSTAMP = (
    _bitstamp(400, "400.002", "Request rate limit exceeded.", Cause.RATE_LIMITED),
    _bitstamp(400, "400.067", "Client rate limit exceeded.", Cause.RATE_LIMITED),
    _bitstamp(429, "400.068", "Market rate limit exceeded.", Cause.RATE_LIMITED),
    _bitstamp(400, "API0013", "Missing parameter.", Cause.BAD_BODY),
    _bitstamp(403, "API0005", "Permission denied.", Cause.BLOCKED),
    _bitstamp(404, "unknown", "Not found.", Cause.BAD_SYMBOL),
    _bitstamp(500, "unknown", "Internal error.", Cause.SERVER),
    _bitstamp(200, "400.002", "Request rate limit exceeded.", Cause.RATE_LIMITED),
    _bitstamp(200, "API0013", "Missing parameter.", Cause.BAD_BODY),
    _page("bitstamp", 200, Cause.BAD_BODY),
    _page("bitstamp", 403, Cause.BLOCKED),
    _page("bitstamp", 404, Cause.BAD_SYMBOL),
    _page("bitstamp", 503, Cause.SERVER),
)
_GEMINI = (
    DocumentedError("gemini", "unknown", 400, recorded("gemini_bad_symbol"), Cause.BAD_SYMBOL),
    DocumentedError("gemini", "moved", 301, b"", Cause.BAD_BODY, {"Location": "https://127.0.0.1"}),
    _gemini(400, "InvalidSymbol", Cause.BAD_SYMBOL),
    _gemini(400, "MarketNotOpen", Cause.SERVER),
    _gemini(400, "Bad Request", Cause.BAD_BODY),
    _gemini(403, "MissingRole", Cause.BLOCKED),
    _gemini(404, "EndpointNotFound", Cause.BAD_SYMBOL),
    _gemini(406, "InsufficientFunds", Cause.BAD_BODY),
    _gemini(429, "RateLimit", Cause.RATE_LIMITED),
    _gemini(500, "System", Cause.SERVER),
    _gemini(502, "System", Cause.SERVER),
    _gemini(503, "Maintenance", Cause.SERVER),
    _gemini(200, "RateLimit", Cause.RATE_LIMITED),
)
_BINANCE = (
    _binance(429, -1003, "Too much request weight used; ...", Cause.RATE_LIMITED, 30),
    _binance(418, -1003, "Way too much request weight used; ...", Cause.RATE_LIMITED, 120),
    _binance(400, -1003, "Too many requests.", Cause.RATE_LIMITED),
    _binance(429, -1015, "Too many new orders.", Cause.RATE_LIMITED),
    _binance(400, -1121, "Invalid symbol.", Cause.BAD_SYMBOL),
    _binance(400, -1100, "Illegal characters found in a parameter.", Cause.BAD_BODY),
    _binance(451, 0, _RESTRICTED, Cause.BLOCKED),
    _binance(500, -1000, "An unknown error occurred.", Cause.SERVER),
    _binance(400, -1001, "Internal error; unable to process your request.", Cause.SERVER),
    _binance(503, -1008, "Server is currently overloaded.", Cause.SERVER),
    _binance(200, -1121, "Invalid symbol.", Cause.BAD_SYMBOL),
    _page("binance", 403, Cause.BLOCKED),
    _page("binance", 504, Cause.SERVER),
)
_COINGECKO = (
    _coingecko(401, 10002, "API Key Missing", Cause.BLOCKED),
    _coingecko(401, 10005, "This request is limited to PRO API subscribers.", Cause.BLOCKED),
    _coingecko(400, 10010, "Please change your root URL to pro-api.coingecko.com", Cause.BLOCKED),
    _coingecko(400, 10011, "Please change your root URL to api.coingecko.com", Cause.BLOCKED),
    _coingecko(403, 1020, "Access denied", Cause.BLOCKED),
    _coingecko(429, 429, "You've exceeded the Rate Limit.", Cause.RATE_LIMITED),
    _coingecko(200, 429, "You've exceeded the Rate Limit.", Cause.RATE_LIMITED),
    _coingecko(200, 10010, "Please change your root URL to pro-api.coingecko.com", Cause.BLOCKED),
    _coingecko(503, 503, "Service Unavailable", Cause.SERVER),
    _coingecko_text(400, "Missing parameter vs_currencies", Cause.BAD_BODY),
    _coingecko_text(401, "Unauthorized", Cause.BLOCKED),
    _coingecko_text(404, "coin not found", Cause.BAD_SYMBOL),
    _coingecko_text(408, "Timeout", Cause.SERVER),
    _coingecko_text(500, "Internal Server Error", Cause.SERVER),
    DocumentedError(
        "coingecko", "nested", 401, b'{"error":{"status":{"error_code":10002}}}', Cause.BLOCKED
    ),
    _page("coingecko", 403, Cause.BLOCKED),
)
DOCUMENTED_ERRORS = (*_COINBASE, *_KRAKEN, *_BITSTAMP, *_GEMINI, *_BINANCE, *_COINGECKO)
