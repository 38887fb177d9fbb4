"""A table of expected answers, and what becomes of each command that the pages show.

A command is run by whoever has set up what it needs, and its answer compared with the table. A
command without an entry, and an entry without a command, is a difference.
"""

import json
import os
import re
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple, Protocol

from documentation.expected import Expected
from documentation.shown_commands import Shown
from documentation.stage import Answer
from processes import ROOT

LONGEST = 400  # characters of an answer that are shown


class Runs(Protocol):
    """Whatever runs commands."""

    def run(self, text: str, expected: Expected) -> Answer:
        """The answer, with the names of this place in the command."""


class Words(NamedTuple):
    """What a proof calls a command that has done as it should, and one that something stood for."""

    ran: str
    not_run: str


USUAL = Words("ok", "not run")


@contextmanager
def own_folder(name: str) -> Iterator[Path]:
    """A folder below `.local` that is removed at the block's end, whatever ends it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # what was started stops
        signal.signal(number, lambda *_: sys.exit(1))
    local = ROOT / ".local"
    local.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=local))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def check(
    shown: Sequence[Shown], table: Mapping[str, Expected], stage: Runs, words: Words = USUAL
) -> dict[str, Any]:
    """Run each command once, and print a line for it; the figures."""
    started = monotonic()
    counts = Counter({_counted(word): 0 for word in (*words, "differ")})
    once: dict[str, Shown] = {}
    for one in shown:
        once.setdefault(one.text, one)
    for command in once.values():
        counts[_counted(_check(command, table.get(command.text), stage, words))] += 1
    for text in table.keys() - once.keys():
        say(f"DIFFERS  no page shows {_short(text)}")
        counts["differ"] += 1
    return {"commands": len(once), **counts, "seconds": round(monotonic() - started, 1)}


def is_required(programs: Sequence[str]) -> bool:
    """Whether this machine has to have one of these programs."""
    return bool({*programs} & {*os.environ.get("REQUIRE_TOOLS", "").split(",")})


def _counted(word: str) -> str:
    return word.replace(" ", "_")


def _check(command: Shown, expected: Expected | None, stage: Runs, words: Words) -> str:
    """Which of the counts it belongs to."""
    where = f"{command.page}:{command.line}  {_short(command.text)}"
    if expected is None:
        say(f"DIFFERS  {where}\n         it is not in the table of expected answers")
        return "differ"
    if expected.elsewhere:
        say(f"not run  {where}\n         `{expected.elsewhere}` runs it")
        return "not run"
    if missing := [program for program in expected.needs if not shutil.which(program)]:
        required = is_required(missing)
        say(f"{'DIFFERS' if required else 'not run'}  {where}")
        say(f"         there is no {', '.join(missing)}")
        return "differ" if required else "not run"
    text = expected.instead or command.text
    if found := list(differences(stage.run(text, expected), expected)):
        say("\n         ".join([f"DIFFERS  {where}", *found]))
        return "differ"
    if expected.not_run:
        instead = f"; instead, and well: {_short(text)}" if expected.instead else ""
        say(f"{words.not_run:7}  {where}\n         {expected.not_run}{instead}")
        return words.not_run
    say(f"{words.ran:7}  {where}")
    return words.ran


def differences(answer: Answer, expected: Expected) -> Iterator[str]:
    """What is otherwise than it should be, and what came."""
    if found := list(_differences(answer, expected)):
        yield from found
        yield f"it answered: {answer.output[-LONGEST:]}"


def _differences(answer: Answer, expected: Expected) -> Iterator[str]:
    if answer.exit_code != expected.exit_code:
        yield f"exit code {answer.exit_code}, expected {expected.exit_code}"
    if expected.status is not None and answer.status != expected.status:
        yield f"status {answer.status}, expected {expected.status}"
    absent = [name for name in expected.fields if name not in _object(answer.output)]
    if absent:
        yield f"no {', '.join(absent)} in the answer"
    if not re.search(expected.output, answer.output, re.MULTILINE | re.DOTALL):
        yield f"nothing in the answer matches {expected.output!r}"
    yield from answer.left


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
