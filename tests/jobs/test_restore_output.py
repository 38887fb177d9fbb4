"""How the restore job speaks: to a log, to a person at a terminal, and to a program."""

import json
import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from emulators.storage import StorageFake
from job_processes import PATIENCE_SECONDS, environment
from jobs.seeded_archive import MADE_AT, SECOND, RestoreJob, tree

ESCAPE, BAR, BOX = "\x1b", "━", "│┃┏└─"


def run_on_a_terminal(job: RestoreJob, *words: str) -> tuple[int, str]:
    """Exit code and output of the job when a person runs it."""
    settings = job.environment({"TERM": "xterm", "COLUMNS": "120", "LINES": "40"})
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        process = subprocess.Popen(
            [sys.executable, "main.py", *words],
            cwd=job.folder,
            env=environment(job.folder, settings),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        output = b""
        with suppress(OSError):  # Linux's way of saying that the other end is closed
            while piece := terminal.read(65536):
                output += piece
        return process.wait(PATIENCE_SECONDS), output.decode()


def test_a_log_gets_plain_lines(job: RestoreJob) -> None:
    """No bar and no colour, what is to come first and what has been done last."""
    done = job.run()
    assert ESCAPE not in done.stdout
    assert BAR not in done.stdout
    lines = done.stdout.splitlines()
    size = sum(map(len, SECOND.values()))
    assert lines[1] == "data before the restore: missing (0 files, 0 bytes)"
    assert lines[2] == f"4 files, {size} bytes to read"
    assert lines[4] == f"data after the restore: stale (4 files, {size} bytes)"
    assert set(lines[5:9]) == {f"write {path}" for path in SECOND}
    where = f"backup 2 of {job.store / 'btc-logger'}"
    restored = f"restored 4 files, {size} bytes, 1 rows; 0 files were there ({where})"
    assert lines[9] == restored
    assert lines[10].startswith("newest file 1970-01-01T00:00:02.000Z, ")
    assert len(lines) == 11


def test_a_terminal_gets_a_bar(job: RestoreJob) -> None:
    """It is gone at the end, and the same lines stay."""
    code, output = run_on_a_terminal(job)
    assert code == 0
    assert BAR in output
    assert ESCAPE in output
    assert "restored 4 files" in output
    assert tree(job.data) == SECOND


@pytest.mark.parametrize("words", [["--list"], ["--list", "--file", "*"]])
def test_a_list_is_a_table_on_a_terminal_and_lines_elsewhere(
    job: RestoreJob, words: list[str]
) -> None:
    """A log is searched by line, however narrow it is taken to be."""
    code, table = run_on_a_terminal(job, *words)
    lines = job.run(*words).stdout
    assert code == 0
    assert any(sign in table for sign in BOX)
    assert not any(sign in lines for sign in BOX)
    for text in (table, lines):
        assert all(sum(at in line for line in text.splitlines()) == 1 for at in MADE_AT)


def test_names_are_shown_as_they_are(job: RestoreJob, tmp_path: Path) -> None:
    """Brackets and colons in a file's name are neither colours nor pictures."""
    path = "a[bold]b[/x]:smile:.csv"
    manifest = job.store / "btc-logger" / "backups" / "00000002.json"
    changed = json.loads(manifest.read_text())
    changed["files"] = [file | {"path": path} for file in changed["files"][:1]]
    manifest.write_text(json.dumps(changed))
    (job.store / "btc-logger" / "backups" / "00000001.json").unlink()
    target = tmp_path / "a[red]"
    for words in (["--list", "--file", "*"], ["--to", str(target)]):
        code, output = run_on_a_terminal(job, *words)
        assert code == 0, output
        assert path in output


def test_a_program_gets_one_json_object(job: RestoreJob) -> None:
    """Whatever was asked for; what a person is told stays out of its way."""
    files = job.answer("--list", "--file", "*")["providers"][0]["files"]
    assert {file["path"] for file in files} == set(SECOND)
    receipt = job.answer("--dry-run")
    assert (receipt["dry_run"], set(receipt["steps"])) == (True, set(SECOND))
    assert not job.data.exists()


def test_a_receipt_says_all(job: RestoreJob) -> None:
    """What was done, from where, and what was not."""
    receipt = job.answer()
    assert receipt["outcome"] == "restored"
    assert receipt["directory"] == str(job.data)
    assert receipt["backups"] == {str(job.store / "btc-logger"): 2}
    assert receipt["steps"] == dict.fromkeys(SECOND, "write")
    assert (receipt["restored_files"], receipt["problems"], receipt["later"]) == (4, {}, [])
    assert receipt["restored_bytes"] == sum(map(len, SECOND.values()))


@pytest.mark.parametrize(
    ("words", "settings", "code", "error"),
    [
        (["--backup", "99"], {}, 2, "NothingMatches"),
        ([], {"RESTORE_TIMEOUT_SECONDS": "-1"}, 2, "BadSettings"),
    ],
)
def test_an_error_is_an_object_too(
    job: RestoreJob, words: list[str], settings: dict[str, str], code: int, error: str
) -> None:
    """With the kind of error and a message."""
    answer = job.answer(*words, code=code, **settings)
    assert answer["error"] == error
    assert answer["message"]


def test_outcomes_that_are_no_success_are_objects(job: RestoreJob) -> None:
    """Unreachable, damaged and switched off: each says so where a program looks."""
    assert "AUTO_RESTORE" in job.answer(AUTO_RESTORE_ON_STARTUP="false")["message"]
    for chunk in job.chunks():
        chunk.unlink()
    damaged = job.answer(code=4)
    assert (damaged["outcome"], set(damaged["problems"])) == ("nothing restored", set(SECOND))
    job.forget_local()
    with StorageFake() as storage:
        job.use_bucket(storage)
        unknown = job.answer(code=3)
    assert (unknown["outcome"], len(unknown["unreachable"])) == ("unreachable", 1)
