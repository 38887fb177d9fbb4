"""Waits for what something that runs here brings about."""

import time
from collections.abc import Callable

PATIENCE_SECONDS = 60
POLL_SECONDS = 0.02


def wait_until(holds: Callable[[], bool], what: str) -> None:
    """Return once it holds; AssertionError where it does not come to that."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"it did not come to that: {what}"
        time.sleep(POLL_SECONDS)
