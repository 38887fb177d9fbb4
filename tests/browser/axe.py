"""axe-core, which finds what keeps people from using a page: it comes from the npm registry.

`make setup` installs what `package-lock.json` names. It is put into pages by the test alone, and
no page of the logger knows of it.
"""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

_SCRIPT = Path(__file__).with_name("node_modules") / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page) -> list[str]:
    """What it finds on the page as it is now, each with the element and what is wrong there."""
    if not _SCRIPT.exists():
        pytest.skip("axe-core is not there: `npm ci` in tests/browser brings it")
    page.evaluate(_SCRIPT.read_text())
    told: dict[str, Any] = page.evaluate(
        "(tags) => axe.run(document, { runOnly: tags, resultTypes: ['violations'] })", _RULES
    )
    return [
        f"{found['id']}: {node['html']} {node['failureSummary']}"
        for found in told["violations"]
        for node in found["nodes"]
    ]
