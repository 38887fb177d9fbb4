"""Figures and times as a person reads them; templates use these as filters.

A time is UTC in the text, and the page's script puts the reader's own beside it.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import humanize
from flask import Blueprint
from markupsafe import Markup, escape

from shared.names import timestamp

LONGEST_SECONDS = 1e10  # three centuries; no text is made of more
NOTHING = "\N{EN DASH}"  # where there is no figure to show
_CODE, _WORD = re.compile(r"`([^`]*)`"), re.compile(r"[a-z]+(?= )")


def use_texts(routes: Blueprint) -> None:
    """As filters, in all templates."""
    for text in (moment, ago, size, count, counted, duration, origins, prose):
        routes.add_app_template_filter(text)


def moment(at: datetime | str | None) -> str:
    """A time to the second."""
    return _time(at, "moment")


def ago(at: datetime | str | None) -> str:
    """A time that the script shows by how long ago it was, or how soon it is."""
    return _time(at, "ago")


def size(number: float | None) -> str:
    """Bytes: `1.2 MB`."""
    return NOTHING if number is None else humanize.naturalsize(number)


def count(number: float | None) -> str:
    """Such as `1,234`."""
    return NOTHING if number is None else humanize.intcomma(number)


def counted(number: float | None, noun: str) -> str:
    """Such as `1 file`, or `1,234 files`."""
    return f"{count(number)} {noun}{'' if number == 1 else 's'}"


def duration(seconds: float | None) -> str:
    """Roughly: `3 minutes`."""
    if seconds is None or not abs(seconds) <= LONGEST_SECONDS:
        return NOTHING
    return humanize.naturaldelta(timedelta(seconds=seconds), minimum_unit="milliseconds")


def origins(backups: Mapping[str, int]) -> str:
    """Where files came from: the numbers of backups, by the address of their provider."""
    named = (f"backup {number} of {address}" for address, number in backups.items())
    return ", ".join(named) or "nothing"


def prose(text: str) -> Markup:
    """A message as a sentence of the page: names in backticks are code, a first word is large."""
    begun = _WORD.match(text)
    text = text[0].upper() + text[1:] if begun else text
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704  it is escaped


def _time(at: datetime | str | None, shown: str) -> str:
    if not at:
        return NOTHING
    try:
        time = (datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(UTC)
    except (ValueError, OverflowError):  # anybody may have written the document that has it
        return str(at)
    text = f"{time:%Y-%m-%d %H:%M:%S} UTC"
    return Markup('<time datetime="{}" data-shown="{}">{}</time>').format(
        timestamp(time), shown, text
    )
