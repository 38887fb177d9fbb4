"""What can go wrong with a ticker on its way, whichever exchange it is of."""

import json
from dataclasses import replace
from enum import Enum
from typing import Any

from emulators.exchange_server import Answer, Way


class Fault(Enum):
    """What takes the place of an answer."""

    HTML_PAGE = "a page of a proxy or a firewall, with status 200"
    TRUNCATED_JSON = "half of the JSON, as if it were whole"
    NAN = "the same JSON with NaN in place of every number"
    EMPTY = "no body"
    OTHER_SHAPE = "JSON that is no ticker"
    GZIP_GARBAGE = "bytes that are said to be gzip, and are not"
    DROPPED_BEFORE = "nothing: the connection ends"
    DROPPED_WITHIN = "half of the answer: the connection ends"
    TRICKLED_HEAD = "headers that come byte by byte and never end"
    TRICKLED_BODY = "a body that comes byte by byte and never ends"


WRONG_BODIES = (
    Fault.HTML_PAGE,
    Fault.TRUNCATED_JSON,
    Fault.NAN,
    Fault.EMPTY,
    Fault.OTHER_SHAPE,
    Fault.GZIP_GARBAGE,
)
PAGE = b"<!DOCTYPE html><html><head><title>Attention Required!</title></head></html>"


def spoiled(answer: Answer, fault: Fault) -> Answer:
    """The answer with the fault."""
    if fault not in WRONG_BODIES:
        return replace(answer, way=Way[fault.name])
    coding = {"Content-Encoding": "gzip"} if fault is Fault.GZIP_GARBAGE else {}
    kind = {"Content-Type": "text/html"} if fault is Fault.HTML_PAGE else {}
    return replace(answer, headers=coding | kind, body=_spoiled_body(answer.body, fault))


def _spoiled_body(body: bytes, fault: Fault) -> bytes:
    if fault is Fault.TRUNCATED_JSON:
        return body[: len(body) // 2]
    if fault is Fault.NAN:
        return json.dumps(_without_numbers(json.loads(body))).encode()
    others = {
        Fault.HTML_PAGE: PAGE,
        Fault.EMPTY: b"",
        Fault.OTHER_SHAPE: b'[{"hello":"world"}]',
        Fault.GZIP_GARBAGE: b"\x1f\x8b\x08\x00" + bytes(range(100, 160)),
    }
    return others[fault]


def _without_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_numbers(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without_numbers(inner) for inner in value]
    is_number = isinstance(value, (int, float)) or str(value)[:1].isdecimal()
    return float("nan") if is_number else value
