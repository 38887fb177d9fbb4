"""The check of the documentation notices what it is there for."""

import os
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from textwrap import dedent
from threading import Thread

import pytest

from documentation.checking import check
from documentation.expected import Expected, Place
from documentation.expected_answers import EXPECTED
from documentation.running import INTERRUPTED
from documentation.shown_commands import Shown, commands_of, shown_commands
from documentation.stage import CURL, Stage
from processes import ROOT, answers, free_port
from soak.waiting import wait_until
from system import LocalSystem

ASKED_FOR = """\
curl -X POST http://localhost:10000/backup/trigger
curl http://localhost:10000/backup/status
curl http://localhost:10000/backup/list
curl -X POST http://localhost:10000/backup/restore
curl http://localhost:10000/health
if curl -s http://your-app/health | grep -q '"status":"healthy"'; then
"""
HEALTH = "curl http://localhost:10000/health"
# With more threads than one its server's worker may lock itself up when Ctrl-C comes.
HELLO = "THREADS=1 functions-framework --target hello --host 127.0.0.1 --port 8081"
HELLO_RUNS = Expected(serves="http://localhost:8081")
HELLO_CODE = """import functions_framework


@functions_framework.http
def hello(request):
    return "good day"
"""


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """One whose logger answers with a file."""
    (tmp_path / "health").write_text('{"status":"healthy","at":null}')
    (tmp_path / "main.py").write_text(HELLO_CODE)
    (tmp_path / ".curlrc").write_text(CURL)
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        system = LocalSystem(tmp_path / "system", "local", {})
        system.logger_url = f"http://127.0.0.1:{server.server_port}"
        yield Stage(system, dict.fromkeys(Place, tmp_path), {"number": "7"}, free_port())
        server.shutdown()
        thread.join()


def shown(*texts: str) -> list[Shown]:
    """Commands of a page."""
    return [Shown("README.md", line, text) for line, text in enumerate(texts, 1)]


@pytest.mark.parametrize(
    ("block", "commands"),
    [
        ("```\nmake run     # until Ctrl-C\n```", ["make run"]),
        ("```\npython main.py --list      the backups\n```", ["python main.py --list"]),
        ("```sh\n# a remark\nno-such-program --now\n```", ["no-such-program --now"]),
        ("```\nexchanges ──► recorder\n  curl is inside\n```", []),
        ('```json\n{"curl": 1}\n```', []),
        ("curl http://outside.of/a/block", []),
        (
            "```bash\nif true; then\n  echo a\nfi\necho b\n```",
            ["if true; then\n  echo a\nfi", "echo b"],
        ),
        (
            "```\njq '.a[]\n  | .b' x \\\n  | cat\nmake\n```",
            ["jq '.a[]\n  | .b' x \\\n  | cat", "make"],
        ),
    ],
)
def test_commands_are_found(block: str, commands: list[str]) -> None:
    """Whole, without remarks, and nothing else."""
    assert [text for _, text in commands_of(block)] == commands


def test_a_command_is_told_with_its_line() -> None:
    """So that it is found in an editor."""
    page = dedent(
        """\
        # Title

        ```sh
        # first
        echo a

        echo b
        ```
        """
    )
    assert list(commands_of(page)) == [(5, "echo a"), (7, "echo b")]


def test_a_command_that_is_not_in_the_table_is_a_difference(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody has said what it should do."""
    figures = check(shown(HEALTH, "echo new"), {HEALTH: Expected(status=200)}, stage)
    assert (figures["ok"], figures["differ"]) == (1, 1)
    assert "DIFFERS  README.md:2  echo new" in capsys.readouterr().out


def test_an_entry_that_no_page_shows_is_a_difference(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page has changed, or the table was never right."""
    figures = check([], {"echo old": Expected()}, stage)
    assert figures["differ"] == 1
    assert "DIFFERS  no page shows echo old" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "expected", "found"),
    [
        (HEALTH, Expected(status=202), "status 200, expected 202"),
        (f"{HEALTH}/none", Expected(status=200), "status 404, expected 200"),
        (HEALTH, Expected(fields=("status", "backup_system")), "no backup_system in the answer"),
        (HEALTH, Expected(output="degraded"), "nothing in the answer matches 'degraded'"),
        ("exit 3", Expected(), "exit code 3, expected 0"),
        ("true", Expected(exit_code=4), "exit code 0, expected 4"),
        ("echo a", Expected(status=200), "status None, expected 200"),
        ("echo a", Expected(until="never"), "exit code 1, expected 0"),
        ("exit 3", Expected(until="never"), "exit code 3, expected 0"),
        ("echo up; sleep 600", Expected(until="up"), f"exit code {INTERRUPTED}, expected 0"),
        ("echo no; exit 3", HELLO_RUNS, "it answered: no"),
        ("true", Expected(beside={"echo no; exit 3": HELLO_RUNS}), "it answered: no"),
        ("make test", Expected(not_run="too long", instead="exit 2"), "exit code 2"),
    ],
)
def test_an_answer_that_differs_is_a_difference(
    stage: Stage, capsys: pytest.CaptureFixture[str], text: str, expected: Expected, found: str
) -> None:
    """In any of the ways in which it may."""
    figures = check(shown(text), {text: expected}, stage)
    assert (figures["ok"], figures["not_run"], figures["differ"]) == (0, 0, 1)
    assert found in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "expected", "count"),
    [
        (HEALTH, Expected(status=200, fields=("status", "at"), output='"status":"healthy"'), "ok"),
        ("curl http://your-app/health | grep health", Expected(status=200), "ok"),
        ("echo 42", Expected(replaced={"42": "number"}, output="^7$"), "ok"),
        ("echo a > b", Expected(file="b", output=r"\Aa\Z"), "ok"),
        ("echo up; sleep 600", Expected(until="up", exit_code=INTERRUPTED), "ok"),
        (HELLO, HELLO_RUNS, "ok"),
        (
            "curl http://localhost:8081",
            Expected(beside={HELLO: HELLO_RUNS}, status=200, output="^good day$"),
            "ok",
        ),
        ('echo "$SNAPSHOT_URL"', Expected(output="^http://127"), "ok"),
        ('echo "$SNAPSHOT_URL"', Expected(Place.TERMINAL, output=r"\A\Z"), "ok"),
        ("make test", Expected(not_run="too long", instead="echo ran"), "not_run"),
    ],
)
def test_an_answer_as_expected_is_none(
    stage: Stage, text: str, expected: Expected, count: str
) -> None:
    """Also where an address, a number or the whole command is another one here."""
    figures = check(shown(text), {text: expected}, stage)
    assert (figures[count], figures["differ"]) == (1, 0)
    assert not answers(stage.addresses["http://localhost:8081"])


def test_nothing_of_a_command_is_left(stage: Stage, tmp_path: Path) -> None:
    """Neither what it has put into the background nor that of the one beside it."""
    os.mkfifo(tmp_path / "held")
    held = os.open(tmp_path / "held", os.O_RDONLY | os.O_NONBLOCK)
    in_background = "sleep 600 > held &"
    other = {f"{in_background} echo up; sleep 600": Expected(until="up")}
    assert check(shown(in_background), {in_background: Expected(beside=other)}, stage)["ok"] == 1
    wait_until(partial(has_no_writer, held), "whoever could write has ended")
    os.close(held)


def has_no_writer(pipe: int) -> bool:
    """Whether nobody can write into it any more; its reading end does not block."""
    try:
        return os.read(pipe, 1) == b""
    except BlockingIOError:
        return False


def test_the_port_of_what_goes_on_is_another_one_where_it_is_taken(stage: Stage) -> None:
    """In the command, and wherever it is called."""
    port = stage.by_hand_port
    assert stage.rewritten(HELLO, {}) == HELLO.replace("8081", str(port))
    assert stage.rewritten("curl http://localhost:8081/", {}) == f"curl http://127.0.0.1:{port}/"


def test_what_another_proof_runs_is_left_to_it(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its name."""
    figures = check(shown("exit 3"), {"exit 3": Expected(elsewhere="make gcloud")}, stage)
    assert (figures["not_run"], figures["differ"]) == (1, 0)
    assert capsys.readouterr().out == (
        "not run  README.md:1  exit 3\n         `make gcloud` runs it\n"
    )


def test_a_tool_that_is_required_is_missed(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere its command is not run."""
    table = {"echo a": Expected(needs=("no-such-tool",))}
    assert check(shown("echo a"), table, stage)["not_run"] == 1
    monkeypatch.setenv("REQUIRE_TOOLS", "zstd,no-such-tool")
    assert check(shown("echo a"), table, stage)["differ"] == 1


def test_every_command_of_the_pages_is_in_the_table() -> None:
    """And the other way round, without running any."""
    assert {one.text for one in shown_commands(ROOT)} == EXPECTED.keys()


def test_the_readme_shows_what_was_asked_for() -> None:
    """The commands to look and to steer with, letter by letter, where they are checked."""
    first_lines = {one.text.partition("\n")[0] for one in shown_commands(ROOT)}
    assert set(ASKED_FOR.splitlines()) <= first_lines
