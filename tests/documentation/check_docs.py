"""Whether every command that the documentation shows does what it says.

Each is run against a system like `make run`'s, and compared with the table of expected answers. A
command without an entry, and an entry without a command, is a difference. It ends in one JSON
line, and fails when anything differs.
"""

import json
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any, Protocol

from documentation.expected import Expected
from documentation.expected_answers import EXPECTED
from documentation.shown_commands import Shown, shown_commands
from documentation.stage import Answer, NotReady, set_up
from processes import ROOT, NotStarted

LONGEST = 400  # characters of an answer that are shown


class Runs(Protocol):
    """Whatever runs commands."""

    @property
    def addresses(self) -> dict[str, str]:
        """What the docs say, and where it is here."""

    def rewritten(self, text: str, replaced: Mapping[str, str]) -> str:
        """A command as it is run here."""

    def run(self, text: str, expected: Expected) -> Answer:
        """The answer."""


def main() -> int:
    """Check; 0 if nothing differs."""
    for number in (signal.SIGTERM, signal.SIGHUP):  # as Ctrl-C: what was started stops
        signal.signal(number, lambda *_: sys.exit(1))
    local = ROOT / ".local"
    local.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="check-docs-", dir=local))
    try:
        with set_up(folder) as stage:
            figures = check(shown_commands(ROOT), EXPECTED, stage)
    except (NotReady, NotStarted) as error:
        say(f"FAILED: {error}")
        return 1
    finally:
        shutil.rmtree(folder)
    say(json.dumps(figures))
    return 1 if figures["differ"] else 0


def check(shown: Sequence[Shown], table: Mapping[str, Expected], stage: Runs) -> dict[str, Any]:
    """Run each command once, and print a line for it; the figures."""
    started = monotonic()
    moved = [here for there, here in stage.addresses.items() if "localhost" in there != here]
    if moved:
        say(f"the usual ports are taken: the commands are rewritten to {', '.join(moved)}")
    counts = {"ok": 0, "not_run": 0, "differ": 0}
    once = {one.text: one for one in shown}
    for command in once.values():
        counts[_check(command, table.get(command.text), stage)] += 1
    for text in table.keys() - once.keys():
        say(f"DIFFERS  no page shows {_short(text)}")
        counts["differ"] += 1
    seconds = round(monotonic() - started, 1)
    return {"commands": len(once), **counts, "rewritten": bool(moved), "seconds": seconds}


def _check(command: Shown, expected: Expected | None, stage: Runs) -> str:
    """Which of the counts it belongs to."""
    where = f"{command.page}:{command.line}  {_short(command.text)}"
    if expected is None:
        say(f"DIFFERS  {where}\n         it is not in the table of expected answers")
        return "differ"
    if missing := [program for program in expected.needs if not shutil.which(program)]:
        if set(missing) & set(os.environ.get("REQUIRE_TOOLS", "").split(",")):
            say(f"DIFFERS  {where}\n         there is no {', '.join(missing)}")
            return "differ"
        say(f"not run  {where}\n         there is no {', '.join(missing)}")
        return "not_run"
    text = stage.rewritten(expected.instead or command.text, expected.replaced)
    if found := list(differences(stage.run(text, expected), expected)):
        say("\n         ".join([f"DIFFERS  {where}", *found]))
        return "differ"
    if expected.not_run:
        say(f"not run  {where}\n         {expected.not_run}; instead, and well: {_short(text)}")
        return "not_run"
    say(f"ok       {where}")
    return "ok"


def differences(answer: Answer, expected: Expected) -> Iterator[str]:
    """What is otherwise than it should be."""
    if answer.exit_code != expected.exit_code:
        yield f"exit code {answer.exit_code}, expected {expected.exit_code}"
    if expected.status is not None and answer.status != expected.status:
        yield f"status {answer.status}, expected {expected.status}"
    absent = [name for name in expected.fields if name not in _object(answer.output)]
    if absent:
        yield f"no {', '.join(absent)} in the answer"
    if not re.search(expected.output, answer.output, re.MULTILINE | re.DOTALL):
        yield f"nothing in the answer matches {expected.output!r}"
    if answer.exit_code != expected.exit_code or absent or answer.status != expected.status:
        yield f"it answered: {answer.output[-LONGEST:]}"


def _object(output: str) -> dict[str, Any]:
    """The JSON object that the last line is; none where it is something else."""
    try:
        found = json.loads(output.rpartition("\n")[2])
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _short(text: str) -> str:
    first, _, more = text.partition("\n")
    return f"{first} …" if more else first


def say(text: str) -> None:
    """A line of what is found."""
    print(text, flush=True)  # noqa: T201  whoever started it watches


if __name__ == "__main__":
    sys.exit(main())
