"""The commands that a page shows: whatever in its fenced blocks a shell would be given.

A block that says `sh` or `bash` has nothing else. In one that says nothing, what begins a line
with the name of a program is a command, and two spaces after it begin a remark.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PROGRAMS = (
    *("bash", "cd", "cp", "curl", "docker", "for", "functions-framework", "gcloud", "git"),
    *("gsutil", "if", "jq", "make", "mv", "pip", "python", "python3", "sh", "wget", "zstd"),
)
_SHELL = ("sh", "bash", "shell", "console")
_FENCE = re.compile(r" *```(\w*)")
_REMARK = re.compile(r"\s+#.*$|(?<=\S) {2,}(?=\S).*$")


class Shown(NamedTuple):
    """A command and where it stands."""

    page: str
    line: int
    text: str


def pages(root: Path) -> list[Path]:
    """Those that a person is led by."""
    return [root / "README.md", root / "CONTRIBUTING.md", *sorted((root / "docs").glob("*.md"))]


def shown_commands(root: Path) -> list[Shown]:
    """Those of the README, of CONTRIBUTING and of the pages of `docs`, in their order."""
    return [
        Shown(page.relative_to(root).as_posix(), line, text)
        for page in pages(root)
        for line, text in commands_of(page.read_text())
    ]


def commands_of(text: str) -> Iterator[tuple[int, str]]:
    """Each command of a page, without remarks, and the number of its first line."""
    for first, language, lines in _blocks(text):
        pending: list[str] = []
        for number, line in enumerate(lines, first):
            if not pending and not _begins_a_command(line, language):
                continue
            pending.append(line.rstrip() if pending else _REMARK.sub("", line.strip()))
            if _is_whole("\n".join(pending)):
                yield number - len(pending) + 1, "\n".join(pending)
                pending = []
        if pending:
            yield first + len(lines) - len(pending), "\n".join(pending)


def blocks_of(text: str) -> list[list[str]]:
    """The lines of each fenced block."""
    return [lines for _, _, lines in _blocks(text)]


def _blocks(text: str) -> Iterator[tuple[int, str, list[str]]]:
    """Of each fenced block the number of its first line, its language and its lines."""
    language, block = None, list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        fence = _FENCE.match(line)
        if fence and language is None:
            language, block = fence[1], []
        elif fence and language is not None:
            yield number - len(block), language, block
            language = None
        else:
            block.append(line)


def _begins_a_command(line: str, language: str) -> bool:
    if language in _SHELL:
        return bool(line.strip()) and not line.lstrip().startswith("#")
    word = line.partition(" ")[0]
    known = word in PROGRAMS or word.startswith("./") or shutil.which(word) is not None
    return not language and bool(word) and known


def _is_whole(text: str) -> bool:
    """Whether the shell would not wait for more lines."""
    if text.endswith("\\"):
        return False
    parsed = subprocess.run(["bash", "-n", "-c", text], capture_output=True, check=False)
    return parsed.returncode == 0
