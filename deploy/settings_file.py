"""The lines of a file of settings: each has to be a name and a value, and each name comes once.

A line that cannot be read would be a default in silence. What stands in such a line is never shown:
it may be the rest of a password.
"""

import re
from io import StringIO
from pathlib import Path

from dotenv.parser import Binding, parse_stream

from shared.errors import BadSettings

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def names_in(file: Path) -> list[str]:
    """The names that a file sets, in its order.

    Raises:
        BadSettings: a line is none of `NAME=value`, a name is there twice, or it is no text.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BadSettings(
            f"{file}: found bytes that are no UTF-8, expected text",
            name=str(file),
            hint="Save it as UTF-8",
        ) from error
    lines: dict[str, int] = {}
    for binding in parse_stream(StringIO(text)):
        name, line = binding.key or "", _line(binding)
        if binding.error or (binding.key is not None and not _is_setting(binding)):
            raise _unreadable(file, line)
        if name in lines:
            raise BadSettings(
                f"{file}: found {name} in line {line} and in line {lines[name]}, expected it once",
                name=name,
            )
        if name:
            lines[name] = line
    return list(lines)


def _is_setting(binding: Binding) -> bool:
    return binding.value is not None and bool(_NAME.fullmatch(binding.key or ""))


def _line(binding: Binding) -> int:
    """The number of its line: before it there may be empty ones."""
    text = binding.original.string
    return binding.original.line + text[: len(text) - len(text.lstrip())].count("\n")


def _unreadable(file: Path, line: int) -> BadSettings:
    return BadSettings(
        f"{file}: line {line} cannot be read, expected NAME=value in one line",
        name=str(file),
        hint="Begin a remark with #, and a name with a letter; end each quotation",
    )
