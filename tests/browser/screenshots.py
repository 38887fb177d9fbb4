"""The dashboard's states as pictures: `make screenshots`.

Real loggers, a real function and a real restore stand behind them; the three days that they have
lived through are made up. It ends in one JSON line, and fails when a picture could not be made.
"""

import argparse
import json
import shutil
import signal
import sys
import tempfile
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from time import monotonic
from typing import Any

from playwright.sync_api import Browser, Error, FloatRect

from browser.chromium import PHONE, is_there, open_chromium
from browser.scenes import Scene, first_boot, lived
from browser.shown_logger import PASSWORD
from browser.watched_tab import watched_tab
from processes import ROOT, NotStarted

LARGEST = 300_000  # bytes of a picture
# No picture shows where on this machine the system lay.
_HIDE_FOLDER = """(folder) => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    texts.currentNode.data = texts.currentNode.data.replaceAll(folder, "/var/btc");
  }
}"""
STATES = {"first boot": first_boot, "three days": lived}


def main() -> int:
    """Make them all; 0 if each could be made."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=ROOT / ".local" / "screenshots")
    into: Path = parser.parse_args().into
    if not is_there():
        _fail("chromium is not there")
        return 1
    for number in (signal.SIGTERM, signal.SIGHUP):  # as Ctrl-C: what was started stops
        signal.signal(number, lambda *_: sys.exit(1))
    into.mkdir(parents=True, exist_ok=True)
    (ROOT / ".local").mkdir(exist_ok=True)
    began, failed = monotonic(), []
    made: dict[str, int] = {}
    with open_chromium() as browser:
        for name, staged in STATES.items():
            folder = Path(tempfile.mkdtemp(prefix="screenshots-", dir=ROOT / ".local"))
            try:
                made |= take(browser, staged(folder), folder, into)
            except (AssertionError, Error, NotStarted) as error:
                failed.append(name)
                _fail(f"{name}: {error}")
            finally:
                shutil.rmtree(folder)
    for name in (name for name, size in made.items() if size > LARGEST):
        failed.append(name)
        _fail(f"{name} has more than {LARGEST:,} bytes")
    figures = {"files": made, "failed": failed, "seconds": round(monotonic() - began, 1)}
    _say(json.dumps(figures))
    return 1 if failed else 0


def take(
    browser: Browser, scenes: Generator[Scene, None, None], folder: Path, into: Path
) -> dict[str, int]:
    """All pictures of one system: their names and sizes."""
    made = {}
    with closing(scenes):
        for scene in scenes:
            place = into / f"{scene.name}.png"
            picture(browser, scene, folder, place)
            made[place.name] = place.stat().st_size
            _say(f"{place.name}: {made[place.name]:,} bytes, {scene.told}")
    return made


def picture(browser: Browser, scene: Scene, folder: Path, place: Path) -> None:
    """Open it as a person does, wait for what it is to show, and take it."""
    options: dict[str, Any] = {}
    if scene.look == "dark":
        options["color_scheme"] = "dark"
    if scene.look == "phone":
        options["viewport"] = {"width": PHONE[0], "height": PHONE[1]}
    with watched_tab(browser, scene.url, **options) as tab:
        tab.foresee(r"status of 40\d")
        page = tab.log_in(PASSWORD, scene.path) if scene.is_admin else tab.open(scene.path)
        tab.is_live()
        scene.prepare(page)
        page.evaluate("document.fonts.ready")
        page.evaluate(_HIDE_FOLDER, str(folder))
        width, height = tab.size
        shown = FloatRect(x=0, y=0, width=width, height=min(height, scene.tallest))
        page.screenshot(path=place, full_page=True, clip=shown, animations="disabled")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201  it tells what it does as it goes


def _fail(fault: str) -> None:
    print(f"FAILED: {fault}", file=sys.stderr)  # noqa: T201  as `_say` for what went wrong


if __name__ == "__main__":
    sys.exit(main())
