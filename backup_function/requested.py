"""What a request asks for: an action, and the logger that it is about.

Whatever makes no sense is refused before anything is done.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from actions import ACTIONS
from flask import Request

from shared.errors import BackupError

LARGEST_BODY = 64 * 1024  # bytes


class BadRequest(BackupError):
    """The request is not one that this function serves."""


@dataclass(frozen=True)
class Asked:
    """One of ACTIONS, and the name of a logger."""

    action: str
    target: str


def read_request(request: Request, targets: Sequence[str]) -> Asked:
    """What it asks for; by default a backup, and of the only logger.

    Raises:
        BadRequest: with the status that answers it.
    """
    asked = _read(request)
    action = asked.get("action", "backup")
    if not isinstance(action, str) or action not in ACTIONS:
        raise BadRequest(
            f"unknown action {action!r}, expected one of {', '.join(ACTIONS)}", status=400
        )
    expected = f"expected one of {', '.join(targets)}"
    if "target" not in asked and len(targets) > 1:
        raise BadRequest(f"no target, {expected}", status=400)
    target = asked.get("target", targets[0])
    if not isinstance(target, str) or target not in targets:
        raise BadRequest(f"unknown target {target!r}, {expected}", status=400)
    return Asked(action, target)


def _read(request: Request) -> dict[str, object]:
    """The body's object; whatever else is there names no action."""
    if request.method != "POST":
        raise BadRequest(f"{request.method} is not served, POST expected", status=405)
    # Read whole even when it is too large: the framework does that after every request.
    body = request.get_data()
    if len(body) > LARGEST_BODY:
        raise BadRequest(f"a body has at most {LARGEST_BODY} bytes, not {len(body)}", status=413)
    try:
        found = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"the body is not JSON: {error}", status=400) from error
    return found if isinstance(found, dict) else {"action": None}
