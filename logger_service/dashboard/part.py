"""A part of the page: what is told in it, and how often an open page asks for it anew."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flask import render_template

from shared.errors import BackupError

Told = Mapping[str, object]
_UNFORESEEN = BackupError("an unforeseen error", hint="The log has more about it")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Part:
    """A section with the template `parts/<name>.html`, which is given what is `told`.

    It is asked for again after so many `seconds`, unless its text has a `data-every` of its own.
    What stands `above` is told once: what a person presses must not change under the finger.
    """

    name: str
    title: str
    seconds: float
    told: Callable[[], Told]
    above: Callable[[], str] | None = None

    def render(self) -> str:
        """Its text; one that cannot be told says why, and the others stay."""
        try:
            return render_template(f"parts/{self.name}.html", **self.told())
        except BackupError as error:
            return render_template("failed_part.html", error=error)
        except Exception:  # noqa: BLE001  whatever it is, the others can be told
            _log.exception("The part %s of the dashboard cannot be told", self.name)
            return render_template("failed_part.html", error=_UNFORESEEN)


def named(parts: Sequence[Part], name: str) -> Part | None:
    """The part of that name; None where there is none."""
    return next((part for part in parts if part.name == name), None)
