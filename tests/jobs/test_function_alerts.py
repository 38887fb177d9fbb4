"""Whom the function tells, and when: real processes, a bucket, and a webhook that counts."""

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from emulators.storage import StorageFake
from emulators.storage_faults import Fault, FaultKind
from job_processes import (
    FUNCTION_WORDS,
    JobProcess,
    run_job,
    running_function,
    running_logger,
)
from jobs.own_archive import in_bucket
from jobs.scripted_logger import Scripted, ScriptedLogger, frame, listing, whole_file
from telling.watchdog import Watchdog
from telling.webhook import Webhook

ROWS = b"2026-11-22T20:30:00.214Z,replay,BTC-USD,82998.90\n"
OTHER_ROWS = b"2026-11-22T20:30:00.214Z,replay,BTC-USD,11111.10\n"
DRILL, STATUS, PRUNE = (b'{"action": "%b"}' % name for name in (b"drill", b"status", b"prune"))


class Setup:
    """The function's settings and what it talks to."""

    def __init__(self, folder: Path, storage: StorageFake, scripted: ScriptedLogger) -> None:
        self.folder, self.storage, self.scripted = folder, storage, scripted
        self.hook = Webhook()

    @contextmanager
    def function(self, **settings: str) -> Iterator[JobProcess]:
        """A new process."""
        told = {"NOTIFY_URLS": self.hook.url, **in_bucket(self.storage), **settings}
        with running_function(self.folder, self.scripted.url, **told) as function:
            yield function

    def answers(self, body: bytes, status: int = 200) -> None:
        """The logger's snapshot is this."""
        self.scripted.snapshot = lambda _headers: Scripted(body, status)

    def shows(self, **files: bytes) -> None:
        """The logger has these tables, named without their ending."""
        named = {f"{name}.csv": content for name, content in files.items()}
        entries = [whole_file(content, path) for path, content in named.items()]
        self.scripted.snapshot = lambda _headers: Scripted(listing(*entries))
        self.scripted.file = lambda path: Scripted(frame(named[path]))

    @property
    def titles(self) -> list[str]:
        """Of the messages that arrived."""
        return [title.removeprefix("btc-logger: ") for title, _ in self.hook.texts]

    def stored(self, folder: str) -> list[str]:
        """The names of the bucket's objects below a folder of ours."""
        below = f"btc-logger/{folder}/"
        return [name for name in self.storage.objects("bucket") if name.startswith(below)]


@pytest.fixture
def setup(function_folder: Path, storage: StorageFake, scripted: ScriptedLogger) -> Iterator[Setup]:
    """With a logger that has a table."""
    made = Setup(function_folder, storage, scripted)
    made.shows(day=ROWS)
    with made.hook:
        yield made


def test_three_calls_without_storage_are_one_message_and_one_when_it_is_back(
    setup: Setup,
) -> None:
    """The process remembers what the storage cannot."""
    with setup.function() as function:
        down = setup.storage.plan(Fault(FaultKind.STATUS, "list", status=403, times=None))
        for _ in range(3):
            assert function.request("POST").status_code == 503
        down.end()
        for _ in range(2):
            assert function.request("POST").status_code == 200
    assert setup.titles == ["backup failing", "over: backup failing"]
    assert "list" in setup.hook.texts[0][1]
    assert "since 20" in setup.hook.texts[1][1]


def test_a_logger_that_is_down_is_told_once_over_cold_starts(setup: Setup) -> None:
    """Each call is a new process."""
    for status, expected in ((500, 502), (500, 502), (200, 200), (200, 200)):
        setup.answers(listing(whole_file(ROWS, "day.csv")), status)
        with setup.function() as function:
            assert function.request("POST").status_code == expected
    assert setup.titles == ["backup failing", "over: backup failing"]


def test_two_calls_at_once_tell_it_once(setup: Setup) -> None:
    """As two schedules that fire together are answered by two processes."""
    setup.answers(b"down", 500)
    with setup.function() as one, setup.function() as other, ThreadPoolExecutor(2) as calls:
        answers = list(calls.map(lambda function: function.request("POST"), (one, other)))
    assert [answer.status_code for answer in answers] == [502, 502]
    assert setup.titles == ["backup failing"]


def test_a_table_that_vanishes_and_one_that_is_rewritten_are_told_once(setup: Setup) -> None:
    """And what comes back is told too; a rewriting is over only after two days."""
    setup.shows(day=ROWS, old=ROWS)
    with setup.function() as function:
        assert function.request("POST").status_code == 200
        setup.shows(day=OTHER_ROWS)
        for _ in range(2):
            function.request("POST")
        setup.shows(day=OTHER_ROWS, old=ROWS)
        for _ in range(2):
            function.request("POST")
    assert setup.titles == ["rewritten: day.csv", "vanished: old.csv", "over: vanished: old.csv"]


def test_a_logger_that_still_catches_up_has_lost_nothing(setup: Setup) -> None:
    """What a bounded start has left out comes while it records."""
    setup.shows(day=ROWS, old=ROWS)
    with setup.function() as function:
        function.request("POST")
        setup.answers(listing(whole_file(ROWS, "day.csv"), catching_up=True))
        assert function.request("POST").json()["vanished"] == ["old.csv"]
    assert setup.titles == []


def test_a_json_is_rewritten_by_right(setup: Setup) -> None:
    """It is a state file: nobody is told."""
    with setup.function() as function:
        for content in (b'{"a":1}', b'{"a":2}'):
            setup.scripted.serve(content, "state.json")
            answer = function.request("POST").json()
    assert answer["rewritten"] == ["state.json"]
    assert setup.titles == []


def test_a_planted_backup_is_told_until_newer_ones_bury_it(setup: Setup) -> None:
    """Unreadable, and under the next number."""
    with setup.function() as function:
        function.request("POST")
        setup.storage.plant("bucket", "btc-logger/backups/00000002.json", b"nonsense")
        for days in (1, 2, 3, 4):
            setup.shows(day=ROWS, **{f"day{number}": ROWS for number in range(days)})
            assert function.request("POST").status_code == 200
    assert [title[:34] for title in setup.titles] == [
        "planted backup: backup 2 cannot be",
        "over: planted backup: backup 2 can",
    ]


def test_a_drill_that_fails_and_one_that_passes_are_told(setup: Setup) -> None:
    """With the file that cannot be restored; what lies there and is none of ours, too."""
    with setup.function() as function:
        function.request("POST")
        (chunk,) = setup.stored("chunks")
        kept = setup.storage.objects("bucket")[chunk]
        setup.storage.plant("bucket", chunk, b"damaged")
        setup.storage.plant("bucket", "btc-logger/stray.txt", b"")
        setup.answers(b"down", 500)
        for _ in range(2):
            assert function.request("POST", body=DRILL).status_code == 503
        setup.storage.plant("bucket", chunk, kept)
        setup.storage.remove("bucket", "btc-logger/stray.txt")
        for _ in range(2):
            assert function.request("POST", body=DRILL).status_code == 200
    assert setup.titles == [
        "drill failing",
        "planted object: stray.txt in gs://bucket/btc-logger is none of ours",
        "over: drill failing",
        "over: planted object: stray.txt in gs://bucket/btc-logger is none of ours",
    ]
    assert "day.csv" in setup.hook.texts[0][1]


def test_a_prune_that_fails_is_told_and_a_status_changes_nothing(setup: Setup) -> None:
    """Whoever only looks is no reason for a message."""
    with setup.function() as function:
        function.request("POST")
        down = setup.storage.plan(Fault(FaultKind.STATUS, "list", status=403, times=None))
        assert function.request("POST", body=STATUS).status_code == 503
        assert function.request("POST", body=PRUNE).status_code == 503
        down.end()
        before = len(setup.storage.calls)
        assert function.request("POST", body=STATUS).status_code == 200
        looked_up = [call.name for call in setup.storage.calls[before:] if "alerts" in call.name]
        assert looked_up == []
        assert function.request("POST", body=PRUNE).status_code == 200
    assert setup.titles == ["prune failing", "over: prune failing"]


def test_an_address_that_refuses_hides_no_other_and_fails_no_call(setup: Setup) -> None:
    """The answer is the action's; the log names neither."""
    setup.answers(b"down", 500)
    with Webhook(refusals=99) as refusing:
        urls = f"json://u:hunter2@127.0.0.1:9/dead {refusing.url} {setup.hook.url}"
        with setup.function(NOTIFY_URLS=urls) as function:
            for _ in range(2):
                assert function.request("POST").status_code == 502
    assert setup.titles == ["backup failing"]
    assert "hunter2" not in function.output
    told = [json.loads(line)["message"] for line in function.stdout]
    assert sum("of NOTIFY_URLS failed with the alert" in message for message in told) == 2


def test_nothing_is_stored_or_listed_without_an_address(setup: Setup) -> None:
    """Who wants no messages pays for none."""
    with setup.function(NOTIFY_URLS="") as function:
        function.request("POST")
    assert setup.stored("alerts") == []
    assert sum(call.verb == "list" for call in setup.storage.calls) == 1


def test_an_address_that_is_none_ends_the_process(function_folder: Path) -> None:
    """So the deployment fails, and the old function serves on."""
    settings = {
        "SNAPSHOT_URL": "https://logger.example",
        "SNAPSHOT_TOKEN": "token",
        "NOTIFY_URLS": "hunter2@example",
    }
    ended = run_job(function_folder, *FUNCTION_WORDS, "--port", "0", settings=settings)
    assert ended.returncode == 2
    (line,) = ended.stdout.splitlines()
    assert json.loads(line)["message"].startswith("NOTIFY_URLS: expected addresses")
    assert "hunter2" not in ended.stdout + ended.stderr


def test_an_address_of_no_known_kind_is_an_error_of_whoever_looks(setup: Setup) -> None:
    """To know them all takes a while, and no start waits for it; a message that is due says it."""
    setup.answers(b"down", 500)
    with setup.function(NOTIFY_URLS="pager://hunter2@example") as function:
        assert function.request("POST").status_code == 502
        assert function.wait_for_line('"ERROR", "message": "the alerts failed: BadSettings')
        answer = function.request("POST", body=STATUS)
        assert answer.status_code == 500
        assert answer.json()["message"].startswith("NOTIFY_URLS: expected addresses")
        assert "hunter2" not in function.output + answer.text


def test_each_good_backup_is_a_heartbeat(setup: Setup) -> None:
    """Also one that found nothing new; none that failed, and no other action."""
    with Watchdog() as watchdog, setup.function(HEARTBEAT_URL=watchdog.url) as function:
        for body in (b"", b"", DRILL, STATUS, PRUNE):
            assert function.request("POST", body=body).status_code == 200
        setup.answers(b"down", 500)
        assert function.request("POST").status_code == 502
    assert watchdog.asked == ["/ping/secret-uuid"] * 2
    assert "secret-uuid" not in function.output


def test_a_wiped_logger_is_one_message(
    function_folder: Path, logger_folder: Path, tmp_path: Path
) -> None:
    """All of its files at once; a real one that restores nothing, over two calls."""
    (tmp_path / "full").mkdir()
    for number in range(12):
        (tmp_path / "full" / f"{number:02}.csv").write_bytes(ROWS)
    with Webhook() as hook:
        settings = {"LOCAL_BACKUP_DIR": str(tmp_path / "backups"), "NOTIFY_URLS": hook.url}
        for name, calls in (("full", 1), ("wiped", 2), ("full", 1)):
            with (
                running_logger(
                    logger_folder, tmp_path / name, AUTO_RESTORE_ON_STARTUP="false"
                ) as logger,
                running_function(function_folder, logger.url, **settings) as function,
            ):
                for _ in range(calls):
                    assert function.request("POST").status_code == 200
        titles = [title for title, _ in hook.texts]
    assert titles == ["btc-logger: vanished (12)", "btc-logger: over: vanished (12)"]
    assert hook.texts[0][1].splitlines()[-1] == "and 2 more"


def test_an_address_that_hangs_does_not_hold_the_answer(setup: Setup) -> None:
    """For some seconds at most: the scheduler would take it for a failure."""
    setup.answers(b"down", 500)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"json://127.0.0.1:{silent.getsockname()[1]}/hook?rto=8"  # seconds
        with setup.function(NOTIFY_URLS=url) as function:
            assert function.request("POST").status_code == 502
            function.wait_for_line("alerts or heartbeat took more than 5 s")
