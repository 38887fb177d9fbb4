"""Whether every command that the documentation shows does what it says.

Each is run against a system like `make run`'s, and compared with the table of expected answers. It
ends in one JSON line, and fails when anything differs.
"""

import json
import sys

from documentation.checking import check, own_folder, say
from documentation.expected_answers import EXPECTED
from documentation.shown_commands import shown_commands
from documentation.stage import NotReady, Stage, set_up
from processes import ROOT, NotStarted


def main() -> int:
    """Check; 0 if nothing differs."""
    try:
        with own_folder("check-docs") as folder, set_up(folder) as stage:
            moved = _tell_moved(stage)
            figures = check(shown_commands(ROOT), EXPECTED, stage)
    except (NotReady, NotStarted) as error:
        say(f"FAILED: {error}")
        return 1
    say(json.dumps({**figures, "rewritten": moved}))
    return 1 if figures["differ"] else 0


def _tell_moved(stage: Stage) -> bool:
    """Say where the commands lead if not to where the pages say."""
    moved = [here for there, here in stage.addresses.items() if "localhost" in there != here]
    if moved:
        say(f"the usual ports are taken: the commands are rewritten to {', '.join(moved)}")
    return bool(moved)


if __name__ == "__main__":
    sys.exit(main())
