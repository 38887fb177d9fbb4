"""Answers that hold for now only: compact JSON, keys in the order in which they are told."""

import json
from typing import Any

from flask import Response


def live_answer(told: dict[str, Any], status: int = 200) -> Response:
    """As `application/json`, which nobody may keep."""
    text = json.dumps(told, separators=(",", ":"), ensure_ascii=False)
    answer = Response(text, status, content_type="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer
