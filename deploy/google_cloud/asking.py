"""Has a person confirm what cannot be undone."""

import sys

from shared.errors import BackupError


class NotConfirmed(BackupError):
    """Nobody has confirmed it, so nothing was done."""


def confirm(warning: str, word: str, *, skip: bool) -> None:
    """Return once the word was typed.

    Raises:
        NotConfirmed: another one was, or there is nobody to ask.
    """
    if skip:
        return
    if sys.stdin is None or not sys.stdin.isatty():  # None where it is closed
        raise NotConfirmed(f"{warning}. There is nobody to ask", hint="Give --yes")
    print(f"{warning}.")
    try:
        typed = input(f"Type {word} to go on: ").strip()
    except EOFError:  # Ctrl-D
        typed = ""
    if typed != word:
        raise NotConfirmed(f"found {typed!r}, expected {word!r}: nothing was done")
