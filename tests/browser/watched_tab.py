"""A tab in a profile of its own: whatever its pages do wrong is noted, and fails the test."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

from browser.chromium import HEIGHT, WIDTH, ZONE

PATIENCE = 20_000  # milliseconds for what takes a moment; a test that waits so long has failed
_TELL_OF_VIOLATIONS = """\
document.addEventListener("securitypolicyviolation", (one) => {
  console.error(`policy violated: ${one.violatedDirective} by ${one.blockedURI}`);
});
"""


class WatchedTab:
    """A page that may ask one origin only; faults that the test foresees are named to `foresee`."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.origin = origin
        self.asked: list[str] = []  # paths, in order
        self._faults: list[str] = []
        self._foreseen: list[str] = []
        context.add_init_script(_TELL_OF_VIOLATIONS)
        context.on("request", self._note_request)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", self._note_message)
        self.page.on("pageerror", lambda error: self._faults.append(f"an error: {error}"))

    def open(self, path: str = "/dashboard") -> Page:
        """Go there as by the address bar."""
        self.page.goto(self.origin + path)
        return self.page

    def log_in(self, password: str, path: str = "/dashboard") -> Page:
        """Be where one wanted to be, after the form."""
        self.open(path)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Log in").click()
        expect(self.page.get_by_role("button", name="Log out")).to_be_visible()
        return self.page

    def is_live(self) -> Page:
        """The page, once its script runs: that writes times in the reader's zone."""
        expect(self.page.locator("[data-zone]")).to_contain_text(ZONE)
        return self.page

    def foresee(self, *patterns: str) -> None:
        """Messages that match are no faults in this test."""
        self._foreseen += patterns

    def reload_until(self, selector: str, text: str) -> None:
        """As somebody does whose browser runs no script."""
        deadline = monotonic() + PATIENCE / 1000
        while self.page.locator(selector).first.inner_text() != text:
            assert monotonic() < deadline, self.page.content()
            self.page.reload()

    @property
    def size(self) -> tuple[int, int]:
        """Of the whole page, in pixels."""
        width, height = self.page.evaluate(
            "[document.documentElement.clientWidth, document.documentElement.scrollHeight]"
        )
        return int(width), int(height)

    @property
    def faults(self) -> list[str]:
        """What nobody foresaw."""
        return [
            fault
            for fault in self._faults
            if not any(re.search(pattern, fault) for pattern in self._foreseen)
        ]

    def _note_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        self.asked.append(parts.path)
        if f"{parts.scheme}://{parts.netloc}" != self.origin:
            self._faults.append(f"a request left the host: {request.url}")

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._faults.append(f"{message.type}: {message.text}")


@contextmanager
def watched_tab(browser: Browser, origin: str, **options: Any) -> Iterator[WatchedTab]:
    """A tab until the end of the block, where it has to be without a fault.

    `options` are a Playwright context's, such as `java_script_enabled`.
    """
    usual = {"viewport": {"width": WIDTH, "height": HEIGHT}, "timezone_id": ZONE}
    context = browser.new_context(**(usual | options))
    try:
        tab = WatchedTab(context, origin)
        yield tab
        assert tab.faults == []
    finally:
        context.close()
