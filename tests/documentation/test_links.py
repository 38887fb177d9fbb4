"""Every link of the pages leads somewhere, and every page can be reached."""

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from vendor import ROOT

PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
_NOT_IN_AN_ANCHOR = re.compile(r"[^\w\- ]")


def pages() -> list[Path]:
    """All that a person reads."""
    return [*(ROOT / name for name in PAGES), *sorted((ROOT / "docs").glob("*.md"))]


@cache
def tokens(page: Path) -> list[Token]:
    """The page's parts, those within a line as well."""
    blocks = MarkdownIt("commonmark").enable("table").parse(page.read_text())
    return [part for block in blocks for part in (block, *(block.children or ()))]


def links(page: Path) -> Iterator[str]:
    """What the page's links and pictures name."""
    for part in tokens(page):
        if address := part.attrGet("href") or part.attrGet("src"):
            yield str(address)
        if part.type in ("html_block", "html_inline"):
            yield from re.findall(r'(?:src|href)="([^"]*)"', part.content)


def anchors(page: Path) -> set[str]:
    """What GitHub calls the page's headings: the second of the same name ends in -1."""
    parts = tokens(page)
    found: list[str] = []
    for before, part in pairwise(parts):
        if before.type == "heading_open":
            text = "".join(child.content for child in part.children or ())
            name = _NOT_IN_AN_ANCHOR.sub("", text.lower()).replace(" ", "-")
            found.append(f"{name}-{found.count(name)}" if name in found else name)
    return set(found)


def inner_links() -> list[tuple[Path, str]]:
    """Each page with each of its links that leads to a file or a heading here."""
    return [(page, one) for page in pages() for one in links(page) if not urlsplit(one).scheme]


def target(page: Path, link: str) -> Path:
    """The file that a link leads to."""
    path = unquote(urlsplit(link).path)
    return (page.parent / path).resolve() if path else page


@pytest.mark.parametrize(
    ("page", "link"), [pytest.param(*one, id=f"{one[0].name}:{one[1]}") for one in inner_links()]
)
def test_a_link_leads_to_a_file_and_a_heading_that_are_there(page: Path, link: str) -> None:
    """And the file is one that a clone has, too."""
    place, heading = target(page, link), urlsplit(link).fragment
    listed = ["git", "ls-files", "--error-unmatch", "--others", "--cached", "--exclude-standard"]
    done = subprocess.run([*listed, place], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not heading or heading in anchors(place)


def test_a_link_elsewhere_is_by_https() -> None:
    """But to this machine."""
    elsewhere = [one for page in pages() for one in links(page) if urlsplit(one).scheme]
    assert elsewhere
    for one in elsewhere:
        parts = urlsplit(one)
        assert parts.scheme == "https" or parts.hostname == "127.0.0.1", one


def test_every_page_can_be_reached_from_the_readme() -> None:
    """Nobody has to know of a folder."""
    reached = {target(page, link) for page, link in inner_links() if page.name in PAGES}
    assert set(pages()) - {ROOT / "README.md"} <= reached


def test_the_layout_page_names_every_module() -> None:
    """Of the engine, and every folder of the logger."""
    text = (ROOT / "docs" / "code.md").read_text()
    told = set(re.findall(r"`(\w+)`", text))
    modules = {path.stem for path in (ROOT / "shared").glob("*.py")} - {"__init__"}
    folders = {path.parent.name for path in (ROOT / "logger_service").glob("*/*.py")} - {"shared"}
    assert modules | folders <= told
