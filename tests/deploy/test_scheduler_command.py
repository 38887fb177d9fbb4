"""The command line of the jobs: what each word does, prints, and ends with."""

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.scheduler_setup import (
    BACKUP_JOB,
    DAILY_JOB,
    ONE_OF_SEVERAL,
    SEVERAL,
    Setup,
    write_settings,
)
from deploy.scheduler_target import Target
from emulators.scheduler_api import SchedulerFake
from emulators.scheduler_clock import QUIET, Clock
from scheduling.endpoint import ENDPOINT
from vendor import ROOT

SCRIPT = ROOT / "deploy" / "scheduler.py"
LOG = (
    "gcloud functions logs read btc-backup --gen2 --region=us-central1 --project=my-project "
    "--limit=20"
)


class CommandLine:
    """Runs the script as a person does."""

    def __init__(self, settings: Path, **variables: str) -> None:
        self.settings = settings
        machine = {"PATH": os.environ["PATH"], "HOME": str(settings.parent), "NO_GCE_CHECK": "true"}
        self.environment = machine | variables

    def words(self, action: str, *words: str) -> list[str]:
        """One command."""
        return [sys.executable, str(SCRIPT), action, *words, "--settings", str(self.settings)]

    def __call__(self, *words: str) -> tuple[int, str, str]:
        """Its exit code, and what it says and complains of."""
        done = subprocess.run(
            self.words(*words), env=self.environment, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout, done.stderr


@pytest.fixture
def fake() -> Iterator[SchedulerFake]:
    """Cloud Scheduler, whose clock goes on by itself, and comes to no job's time."""
    with SchedulerFake(clock=Clock(QUIET)) as running:
        yield running


@pytest.fixture
def run(tmp_path: Path, fake: SchedulerFake) -> CommandLine:
    """The script, led to the stand-in."""
    return CommandLine(write_settings(tmp_path), **{ENDPOINT: fake.url})


@pytest.fixture
def applied(
    run: CommandLine, fake: SchedulerFake, target: Target, monkeypatch: pytest.MonkeyPatch
) -> CommandLine:
    """The same once the jobs are there, which lead to a target."""
    monkeypatch.setenv(ENDPOINT, fake.url)
    Setup(run.settings.parent, fake).apply(url=target.url)
    return run


def test_apply_tells_what_it_did_and_then_knows_the_address(
    run: CommandLine, fake: SchedulerFake, target: Target
) -> None:
    """The first time it has to be told where the function is."""
    code, _, complaint = run("apply")
    assert code == 2
    assert "--function-url: found none" in complaint
    assert "gcloud functions describe btc-backup --gen2 --region=us-central1" in complaint
    words = "apply", "--function-url", target.url
    code, said, _ = run(*words, "--dry-run")
    assert (code, fake.changes) == (0, [])
    assert said.splitlines() == [
        f"{BACKUP_JOB}: would be made, */30 * * * * UTC",
        f"{DAILY_JOB}: would be made, 17 3 * * * UTC",
        "2 jobs would change",
    ]
    code, said, _ = run(*words)
    assert (code, said.splitlines()[-1]) == (0, "2 jobs changed")
    code, said, _ = run("apply")
    assert code == 0
    assert said.splitlines() == [
        f"{BACKUP_JOB}: as it should be",
        f"{DAILY_JOB}: as it should be",
        "no jobs changed",
    ]


@pytest.mark.parametrize(
    "url",
    ["http://example.com", "https://example.com/backup", "example.com", "https://", "https://[x"],
)
def test_an_address_that_is_no_root_of_a_service_is_refused(
    run: CommandLine, fake: SchedulerFake, url: str
) -> None:
    """It would be another audience, or a token sent in the open."""
    code, _, complaint = run("apply", "--function-url", url)
    assert code == 2
    assert f"--function-url: found '{url}', expected the root of a service" in complaint
    assert fake.changes == []


def test_a_list_of_none_says_who_makes_them(run: CommandLine) -> None:
    """And is no error."""
    code, said, remark = run("list")
    assert (code, said) == (0, "")
    assert f"{BACKUP_JOB}: there is no such job; deploy/google.sh makes it" in remark
    assert run("list", "--json")[:2] == (0, "[]\n")


def test_a_list_is_lines_in_a_pipe_and_json_where_asked_for(
    applied: CommandLine, fake: SchedulerFake
) -> None:
    """A line for each job, whole."""
    code, said, remark = applied("list")
    assert (code, remark) == (0, "")
    following = fake.jobs[BACKUP_JOB]["scheduleTime"].replace("T", " ")[:16]
    first, second = said.splitlines()
    assert first == (
        f"{BACKUP_JOB}: */30 * * * * UTC, enabled, next {following}, last -: never run"
    )
    assert second.startswith(f"{DAILY_JOB}: 17 3 * * * UTC, enabled, next ")
    code, said, _ = applied("list", "--json")
    assert code == 0
    backup, _ = json.loads(said)
    assert backup["job"] == BACKUP_JOB
    assert (backup["state"], backup["last_attempt"], backup["result"]) == ("enabled", None, None)
    assert json.loads(backup["body"]) == {"action": "backup"}


def test_a_list_is_a_table_for_a_person(applied: CommandLine, fake: SchedulerFake) -> None:
    """Also on a narrow terminal all is there, and a name is in one piece."""
    applied("run", "daily", "--wait")
    ours, theirs = pty.openpty()
    done = subprocess.run(
        applied.words("list"),
        env={**applied.environment, "TERM": "dumb", "COLUMNS": "80"},
        stdout=theirs,
        check=False,
    )
    os.close(theirs)
    with os.fdopen(ours, "rb") as terminal:
        said = terminal.read1(1 << 16).decode()
    assert done.returncode == 0
    day, time = fake.jobs[DAILY_JOB]["lastAttemptTime"].split("T")
    assert {"job", "schedule", "state", "last", "attempt"} <= {*said.split()}
    whole = {BACKUP_JOB, DAILY_JOB, "enabled", "never", "run", day, time[:5], "ok"}
    assert whole <= {*said.split()}


def test_a_run_is_sent_on_its_way(applied: CommandLine, target: Target) -> None:
    """Nobody waits for it."""
    assert applied("run", "backup")[:2] == (0, f"{BACKUP_JOB}: sent on its way\n")
    target.wait_for(1)
    assert json.loads(target.requests[0].body) == {"action": "backup"}


def test_a_run_that_is_waited_for_tells_what_came_of_it(
    applied: CommandLine, target: Target
) -> None:
    """Also the second one, which has a result of the first before it."""
    for count in (1, 2):
        code, said, _ = applied("run", "daily", "--wait")
        assert code == 0
        sent, ended = said.splitlines()
        assert sent == f"{DAILY_JOB}: sent on its way; 330 s at most"
        assert ended.startswith(f"{DAILY_JOB}: ok after ")
        assert len(target.requests) == count
    assert "last 20" in applied("list")[1]


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (401, "unauthenticated after"),
        (403, "the scheduler's account may not call the function (403): run deploy/google.sh"),
        (404, "no function at the job's address (404): run deploy/google.sh"),
        (500, "the function answered with an error"),
        (503, "storage fails, or a drill found damage (503)"),
    ],
)
def test_a_run_that_fails_says_what_that_means_and_where_to_look(
    applied: CommandLine, target: Target, fake: SchedulerFake, status: int, told: str
) -> None:
    """The result is that of the first attempt; others follow by themselves."""
    target.statuses = [status]
    code, said, _ = applied("run", "backup", "--wait")
    assert code == 1
    assert told in said
    assert "it is tried again by itself" in said
    assert said.splitlines()[-1] == f"the function's log says why: {LOG}"
    assert fake.attempts[0].attempt.status == status


def _heed_interrupts() -> None:
    """What a shell starts in the background ignores them, and all that it starts in turn."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_who_waits_may_leave(applied: CommandLine, target: Target, fake: SchedulerFake) -> None:
    """What was begun goes on."""
    with target.holding():
        words = applied.words("run", "backup", "--wait")
        with subprocess.Popen(
            words,
            env=applied.environment,
            stderr=subprocess.PIPE,
            preexec_fn=_heed_interrupts,  # noqa: PLW1509  it takes no lock
        ) as process:
            target.wait_for(1)
            process.send_signal(signal.SIGINT)
            assert process.stderr is not None
            assert b"what was begun goes on" in process.stderr.read()
        assert process.returncode == 130
    fake.wait_for_attempts(1)


def test_a_paused_job_is_told_and_goes_on_when_told(
    applied: CommandLine, fake: SchedulerFake
) -> None:
    """Each a second time too."""
    assert applied("pause", "backup")[:2] == (0, f"{BACKUP_JOB}: paused\n")
    assert applied("pause", "all")[:2] == (
        0,
        f"{BACKUP_JOB}: is paused already\n{DAILY_JOB}: paused\n",
    )
    assert ", paused, next -, " in applied("list")[1]
    assert {made["state"] for made in fake.jobs.values()} == {"PAUSED"}
    assert applied("resume", "daily")[:2] == (0, f"{DAILY_JOB}: goes on\n")
    assert applied("resume", "all")[:2] == (
        0,
        f"{BACKUP_JOB}: goes on\n{DAILY_JOB}: is not paused\n",
    )
    assert {made["state"] for made in fake.jobs.values()} == {"ENABLED"}


@pytest.mark.parametrize("lines", [{}, SEVERAL], ids=["one logger", "several"])
def test_a_paused_job_goes_on_as_apply_says(
    run: CommandLine, fake: SchedulerFake, target: Target, lines: dict[str, str]
) -> None:
    """The command is a whole one, of just this job."""
    write_settings(run.settings.parent, lines)
    run("apply", "--function-url", target.url)
    run("pause", "all")
    (hint,) = (line for line in run("apply")[1].splitlines() if line.startswith(BACKUP_JOB))
    program, script, *words = hint.partition("it is paused: ")[2].split()
    assert (program, ROOT / script) == ("python", SCRIPT)
    assert run(*words)[:2] == (0, f"{BACKUP_JOB}: goes on\n")
    states = [made["state"] for made in fake.jobs.values()]
    assert states.count("ENABLED") == 1


def test_a_delete_takes_away_what_it_names(applied: CommandLine, fake: SchedulerFake) -> None:
    """A second time there is nothing to do, and what is gone cannot be run."""
    assert applied("delete", "daily", "--dry-run")[:2] == (0, f"{DAILY_JOB}: would be deleted\n")
    assert [*fake.jobs] == [BACKUP_JOB, DAILY_JOB]
    assert applied("delete", "daily")[:2] == (0, f"{DAILY_JOB}: deleted\n")
    assert [*fake.jobs] == [BACKUP_JOB]
    assert applied("delete", "all")[:2] == (0, f"{BACKUP_JOB}: deleted\n")
    assert applied("delete", "all")[:2] == (0, "nothing to delete\n")
    for words in (("run", "backup"), ("run", "backup", "--wait"), ("pause", "backup")):
        code, said, complaint = applied(*words)
        assert (code, said) == (2, "")
        assert f"jobs/{BACKUP_JOB}: Job not found. deploy/google.sh makes the jobs" in complaint


def test_with_several_loggers_one_is_named(
    run: CommandLine, fake: SchedulerFake, target: Target
) -> None:
    """Only a run has to be of one; one that was taken away goes with a delete of all."""
    write_settings(run.settings.parent, SEVERAL)
    assert run("apply", "--function-url", target.url)[0] == 0
    code, _, complaint = run("run", "backup")
    assert code == 2
    assert "--target: found none, expected btc-logger or eth-logger" in complaint
    assert run("pause", "daily", "--target", "sol-logger")[0] == 2
    said = run("run", "backup", "--target", "eth-logger", "--wait")[1]
    assert said.startswith("btc-backup-backup-eth-logger: sent on its way")
    assert json.loads(target.requests[0].body) == {"action": "backup", "target": "eth-logger"}
    assert run("pause", "daily")[1].count("paused") == 2
    write_settings(run.settings.parent, ONE_OF_SEVERAL)
    assert run("apply", "--delete-left-over", "--dry-run")[1].count("would be deleted") == 2
    assert run("delete", "all")[1].count("deleted") == 4
    assert fake.jobs == {}


def test_settings_that_cannot_be_are_told(run: CommandLine) -> None:
    """With the line, what it held, and what it may hold."""
    write_settings(run.settings.parent, {"BACKUP_INTERVAL_MINUTES": "45"})
    code, _, complaint = run("list")
    assert code == 2
    assert "BACKUP_INTERVAL_MINUTES: found 45" in complaint
    assert "30 or 60" in complaint
    run.settings.unlink()
    code, _, complaint = run("list")
    assert code == 2
    assert "Copy deploy/settings.example.env there" in complaint


def test_words_that_it_does_not_know_are_refused(run: CommandLine) -> None:
    """The help has the exit codes and examples."""
    assert run("explode")[0] == 2
    assert run("run", "weekly")[0] == 2
    done = subprocess.run(
        [sys.executable, SCRIPT, "--help"], capture_output=True, text=True, check=True
    )
    assert "exit codes:" in done.stdout
    assert "Cloud Scheduler refuses" in done.stdout


def test_a_key_file_that_is_none_is_named(tmp_path: Path) -> None:
    """Whoever has set it believes to be logged in."""
    (file := tmp_path / "key.json").write_text("no key")
    run = CommandLine(write_settings(tmp_path), GOOGLE_APPLICATION_CREDENTIALS=str(file))
    code, _, complaint = run("list")
    assert code == 3
    assert complaint.startswith("error: GOOGLE_APPLICATION_CREDENTIALS: ")
    assert str(file) in complaint


def test_a_service_that_does_not_answer_is_told(run: CommandLine, fake: SchedulerFake) -> None:
    """Or one that is somewhere it must not be."""
    fake.refuse_next(500, 13, "Internal error encountered.")
    code, _, complaint = run("list")
    assert code == 3
    assert "Cloud Scheduler did not answer" in complaint
    with Target() as gone:
        pass
    assert CommandLine(run.settings, **{ENDPOINT: gone.url})("list")[0] == 3
    for wrong in ("http://example.com/", "https://[x"):
        code, _, complaint = CommandLine(run.settings, **{ENDPOINT: wrong})("list")
        assert code == 2
        assert f"{ENDPOINT}: found {wrong!r}, expected https://" in complaint


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("The caller does not have permission", "roles/cloudscheduler.admin"),
        ("Cloud Scheduler API has not been used in project 1 before", "gcloud services enable"),
    ],
)
def test_a_refusal_is_told_in_googles_words_with_what_to_do(
    run: CommandLine, fake: SchedulerFake, said: str, hint: str
) -> None:
    """Its exit code is its own."""
    fake.refuse_next(403, 7, said)
    exit_code, _, complaint = run("list")
    assert exit_code == 4
    assert said in complaint
    assert hint in complaint
