"""Debian's Chromium, driven by Playwright; it asks nobody but the pages that it is sent to."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

PROGRAM = "chromium"
ZONE = "Europe/Berlin"
WIDTH, HEIGHT = 1280, 900
PHONE = (390, 844)
_QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def is_there() -> bool:
    """Whether this machine has it."""
    return shutil.which(PROGRAM) is not None


@contextmanager
def open_chromium() -> Iterator[Browser]:
    """Running without a window until the end of the block; each of its contexts is a new profile.

    Raises:
        playwright.sync_api.Error: it is not there, or does not start.
    """
    with sync_playwright() as playwright:
        place = shutil.which(PROGRAM) or PROGRAM
        browser = playwright.chromium.launch(executable_path=place, args=list(_QUIET))
        try:
            yield browser
        finally:
            browser.close()
