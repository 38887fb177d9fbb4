"""Whether each command of the pages that asks Google does so, typed as a person types it.

The real gcloud runs it, word for word but for the examples' names, beside stand-ins for Google and
Render. It ends in one JSON line, and fails when anything differs.
"""

import json
import re
import shutil
import sys
from collections.abc import Iterable, Mapping

from documentation.beginning import beginning
from documentation.checking import Words, check, is_required, own_folder, say
from documentation.cloud_answers import BY_HAND
from documentation.expected import Expected
from documentation.shown_commands import Shown, shown_commands
from emulators.gcloud_forks import GcloudForks
from processes import ROOT

WORDS = Words("served", "checked")
_ASKS_GOOGLE = re.compile(r"\bgcloud\b|deploy/(google\.sh|scheduler\.py)")


def main() -> int:
    """Type them; 0 if nothing differs."""
    if shutil.which("gcloud") is None:
        say("gcloud is not installed: nothing was run")
        return 1 if is_required(["gcloud"]) else 0
    with own_folder("gcloud") as folder, GcloudForks() as forks, beginning(folder, forks) as reader:
        shown = in_order(shown_commands(ROOT), BY_HAND)
        figures = check(shown, BY_HAND, reader, WORDS)
    say(json.dumps(figures))
    return 1 if figures["differ"] else 0


def in_order(shown: Iterable[Shown], table: Mapping[str, Expected]) -> list[Shown]:
    """The shown commands that ask Google, or are in the table, in its order; new ones come last."""
    ranks = {text: rank for rank, text in enumerate(table)}
    ours = (one for one in shown if one.text in ranks or _ASKS_GOOGLE.search(one.text))
    return sorted(ours, key=lambda one: ranks.get(one.text, len(ranks)))


if __name__ == "__main__":
    sys.exit(main())
