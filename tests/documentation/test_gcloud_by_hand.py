"""The proof by hand notices what it is there for, and does what a person would."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from re import Match

import pytest

from deploy.google_project import PROJECT
from documentation.beginning import beginning
from documentation.checking import check
from documentation.cloud_answers import BY_HAND
from documentation.gcloud_by_hand import WORDS, in_order
from documentation.reader import Reader, Step
from documentation.shown_commands import Shown, shown_commands
from emulators.gcloud_forks import GcloudForks
from processes import ROOT

MODULES = [ROOT, ROOT / "tests", ROOT / "deploy", ROOT / "deploy" / "local"]
CHOOSE = "gcloud config set project your-gcp-project"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory, forks: GcloudForks) -> Iterator[Reader]:
    """Somebody who has typed nothing yet."""
    with beginning(tmp_path_factory.mktemp("by hand"), forks) as reader:
        yield reader


def typed(reader: Reader, table: dict[str, Step], *more: str) -> dict[str, int]:
    """The counts, where a page shows what is in the table, and these, too."""
    shown = [Shown("README.md", line, text) for line, text in enumerate([*table, *more], 1)]
    figures = check(in_order(shown, table), table, reader, WORDS)
    return {word: figures[word] for word in ("served", "checked", "differ")}


def is_never_so(_: Reader) -> bool:
    """The moon is a cheese."""
    return False


def fails(_: Reader) -> None:
    """Stand for whatever a person cannot do."""
    raise FileNotFoundError("no key is there")


def answer(reader: Reader, asked: Match[str]) -> None:
    """Type what was asked for."""
    reader.press(asked[1])


def test_commands_come_in_the_order_of_the_table() -> None:
    """Wherever the pages show them; what is new comes last, and what asks nobody is left out."""
    shown = [
        Shown("README.md", line, text)
        for line, text in enumerate(("gcloud new", "make run", "gcloud b", "source c", "gcloud a"))
    ]
    table = {"gcloud a": Step(), "source c": Step(), "gcloud b": Step()}
    assert [one.text for one in in_order(shown, table)] == [*table, "gcloud new"]


def test_every_command_of_the_pages_that_asks_google_is_in_the_table() -> None:
    """With the recipes that ask it among other programs."""
    assert {one.text for one in in_order(shown_commands(ROOT), {})} <= BY_HAND.keys()


def test_a_command_is_typed_into_the_real_gcloud(
    reader: Reader, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the reader's own names; where nobody is signed in, it says so."""
    table = {
        CHOOSE: Step(output=r"^Updated property \[core/project\]"),
        "gcloud config get project": Step(output=f"^{PROJECT}$"),
        "gcloud secrets list": Step(exit_code=1, output="gcloud auth login"),
    }
    assert typed(reader, table) == {"served": 3, "checked": 0, "differ": 0}
    assert f"served   README.md:1  {CHOOSE}\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "step", "told"),
    [
        ("gcloud config get account", Step(output="^nobody$"), "nothing in the answer matches"),
        ("gcloud no-such-group", Step(), "exit code 2, expected 0"),
        ("gcloud --help", Step(then=(is_never_so,)), "not so: The moon is a cheese."),
        (
            "gcloud --version",
            Step(before=fails),
            "on the way: FileNotFoundError('no key is there')",
        ),
    ],
)
def test_what_is_otherwise_differs(
    reader: Reader, capsys: pytest.CaptureFixture[str], text: str, step: Step, told: str
) -> None:
    """What it says, what it has changed, or what a person could not do."""
    assert typed(reader, {text: step})["differ"] == 1
    out = capsys.readouterr().out
    assert f"DIFFERS  README.md:1  {text}\n" in out
    assert told in out


def test_a_new_command_and_an_old_entry_differ(
    reader: Reader, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither is run."""
    assert typed(reader, {}, "gcloud new")["differ"] == 1
    assert "gcloud new\n         it is not in the table" in capsys.readouterr().out
    assert check([], {"gcloud old": Step()}, reader, WORDS)["differ"] == 1
    assert "DIFFERS  no page shows gcloud old" in capsys.readouterr().out


def test_what_cannot_be_served_is_checked(
    reader: Reader, capsys: pytest.CaptureFixture[str]
) -> None:
    """By something else, with the reason."""
    table = {"gcloud beta moon": Step(not_run="no stand-in has a moon", instead="gcloud --version")}
    assert typed(reader, table) == {"served": 0, "checked": 1, "differ": 0}
    assert "checked  README.md:1  gcloud beta moon\n         no stand-in" in capsys.readouterr().out


def test_a_question_is_answered_while_it_waits(reader: Reader) -> None:
    """By the keys of a terminal, as the set-up wants it."""
    ask = "test -t 0 && echo Type moon to go on && read word && echo found $word"
    step = Step(when={r"Type (\S+) to go on": answer}, output="^found moon$")
    assert typed(reader, {ask: step})["served"] == 1


def test_a_line_of_the_shell_stays(reader: Reader) -> None:
    """For what is typed after it."""
    table = {"export COLOUR=blue": Step(stays=True), "echo a $COLOUR moon": Step(output="blue")}
    assert typed(reader, table)["served"] == 2


@pytest.mark.parametrize(("required", "code"), [("", 0), ("zstd,gcloud", 1)])
def test_without_gcloud_nothing_is_run(tmp_path: Path, required: str, code: int) -> None:
    """Which is a fault where it has to be there."""
    done = subprocess.run(
        [sys.executable, "-m", "documentation.gcloud_by_hand"],
        env={
            "PATH": str(tmp_path),
            "PYTHONPATH": os.pathsep.join(map(str, MODULES)),
            "REQUIRE_TOOLS": required,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (code, "gcloud is not installed: nothing was run\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_folder_of_a_proof_goes_with_it(number: signal.Signals) -> None:
    """Whatever ends it."""
    program = """
import signal
from documentation.checking import own_folder
with own_folder("a-test") as folder:
    print(folder, flush=True)
    while True:  # not pause, which a signal just before would not end
        signal.sigtimedwait([], 0.1)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": os.pathsep.join(map(str, MODULES))},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout
        folder = Path(process.stdout.readline().rstrip())
        assert folder.is_dir()
        process.send_signal(number)
    assert process.returncode == 1
    assert not folder.exists()
