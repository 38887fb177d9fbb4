"""What Cloud Scheduler sees: the function's answers, from a real process with a real logger."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from emulators.storage import StorageFake
from job_processes import JobProcess, running_function, running_logger
from jobs.scripted_logger import Scripted, ScriptedLogger, frame, listing, whole_file


@dataclass(frozen=True)
class Setup:
    """A logger, the function and its bucket, all running."""

    function: JobProcess
    data: Path
    storage: StorageFake

    def post(self, body: bytes = b"") -> Any:
        """Ask for an action; the report of an answer 200."""
        answer = self.function.request("POST", body=body)
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"] == "application/json"
        return answer.json()

    def stored(self, folder: str) -> list[str]:
        """The names of the bucket's objects below a folder of ours."""
        below = f"btc-logger/{folder}/"
        return [name for name in self.storage.objects("bucket") if name.startswith(below)]


@pytest.fixture(scope="module")
def shared_setup(
    tmp_path_factory: pytest.TempPathFactory, function_folder: Path, logger_folder: Path
) -> Iterator[Setup]:
    """Started once: the tests below leave nothing in it."""
    data = tmp_path_factory.mktemp("data")
    with (
        StorageFake(["bucket"]) as storage,
        running_logger(logger_folder, data) as logger,
        running_function(
            function_folder,
            logger.url,
            GCS_BUCKET_NAME="bucket",
            STORAGE_EMULATOR_HOST=storage.url,
        ) as function,
    ):
        yield Setup(function, data, storage)


@pytest.fixture
def setup(shared_setup: Setup) -> Setup:
    """A data directory with one file, and nothing backed up yet."""
    for name in shared_setup.storage.objects("bucket"):
        shared_setup.storage.remove("bucket", name)
    for path in shared_setup.data.glob("*.csv"):
        path.unlink()
    (shared_setup.data / "prices.csv").write_bytes(b"first\n")
    return shared_setup


@pytest.mark.parametrize("body", [b"", b"{}", b'{"action": "backup"}', b'{"target": "btc-logger"}'])
def test_a_backup_is_what_happens_unless_something_else_is_asked_for(
    setup: Setup, body: bytes
) -> None:
    """An empty body and an empty object mean a backup; the report says what was done.

    Of which logger may be said, though there is only one.
    """
    report = setup.post(body)
    assert (report["action"], report["result"], report["number"]) == ("backup", "created", 1)
    assert report["target"] == "btc-logger"
    assert (report["files"], report["raw_bytes"], report["new_bytes"]) == (1, 6, 6)
    assert setup.stored("backups") == ["btc-logger/backups/00000001.json"]
    assert len(setup.stored("chunks")) == 1


def test_a_second_backup_of_the_same_data_is_nothing_new(setup: Setup) -> None:
    """It succeeds, stores nothing and names the newest backup there is."""
    setup.post()
    before = setup.storage.objects("bucket")
    report = setup.post()
    assert (report["result"], report["number"], report["new_bytes"]) == ("nothing new", 1, 0)
    assert setup.storage.objects("bucket") == before


def test_an_empty_data_directory_makes_no_backup(setup: Setup) -> None:
    """Nothing to keep is nothing new, and no failure."""
    (setup.data / "prices.csv").unlink()
    report = setup.post()
    assert (report["result"], report["number"]) == ("nothing new", 0)
    assert "the logger shows no file: check its DATA_DIR" in report["warnings"][0]
    assert setup.storage.objects("bucket") == {}


def test_a_drill_that_passes_is_kept_with_the_backups(setup: Setup) -> None:
    """Its report is an object of the bucket, and the status shows it."""
    setup.post()
    report = setup.post(b'{"action": "drill"}')
    assert (report["result"], report["passed"], report["number"]) == ("passed", True, 1)
    assert setup.stored("drills") == [f"btc-logger/{report['stored_as']}"]
    status = setup.post(b'{"action": "status"}')
    assert (status["newest"], status["backups"], status["files"]) == (1, 1, 1)
    assert (status["last_drill"]["number"], status["last_drill"]["passed"]) == (1, True)


def test_a_failed_drill_is_an_error_that_names_the_file(setup: Setup) -> None:
    """503 and `passed` false, so that the scheduler shows a failure."""
    setup.post()
    (chunk,) = setup.stored("chunks")
    setup.storage.remove("bucket", chunk)
    answer = setup.function.request("POST", body=b'{"action": "drill"}')
    assert answer.status_code == 503
    report = answer.json()
    assert (report["result"], report["passed"], list(report["lost"])) == (
        "failed",
        False,
        ["prices.csv"],
    )
    assert setup.stored("drills") == [f"btc-logger/{report['stored_as']}"]


def test_a_failed_drill_has_the_lost_chunks_stored_again(setup: Setup) -> None:
    """While the logger still has them: the next drill passes."""
    setup.post()
    (chunk,) = setup.stored("chunks")
    setup.storage.plant("bucket", chunk, b"damaged")
    failed = setup.function.request("POST", body=b'{"action": "drill"}').json()
    assert (failed["passed"], failed["repair"]["new_bytes"]) == (False, 6)
    assert "stored again, of: prices.csv" in failed["repair"]["warnings"][0]
    assert setup.post(b'{"action": "drill"}')["passed"]


def test_a_failed_drill_says_why_nothing_could_be_mended(
    setup: Setup, function_folder: Path
) -> None:
    """Its own verdict is the answer all the same."""
    setup.post()
    (chunk,) = setup.stored("chunks")
    setup.storage.remove("bucket", chunk)
    settings = {"GCS_BUCKET_NAME": "bucket", "STORAGE_EMULATOR_HOST": setup.storage.url}
    with running_function(function_folder, "http://127.0.0.1:9", **settings) as lonely:
        answer = lonely.request("POST", body=b'{"action": "drill"}')
    assert answer.status_code == 503
    assert (answer.json()["result"], answer.json()["repair"]["error"]) == (
        "failed",
        "SourceUnreachable",
    )


@pytest.mark.parametrize("action", ["drill", "prune", "maintenance", "status"])
def test_an_empty_archive_is_no_failure(setup: Setup, action: str) -> None:
    """Before the first backup there is nothing to prove, to drop or to show."""
    report = setup.post(json.dumps({"action": action}).encode())
    assert report["action"] == action
    assert setup.storage.objects("bucket") == {}


def test_a_prune_keeps_what_the_policy_wants(setup: Setup) -> None:
    """The only backup stays with its chunk."""
    setup.post()
    report = setup.post(b'{"action": "prune"}')
    assert (report["kept"], report["dropped"], report["chunks_kept"]) == ([1], [], 1)
    assert len(setup.stored("chunks")) == 1


def test_a_prune_leaves_a_record_of_itself(setup: Setup) -> None:
    """One, whatever the number of prunes: so the logger can tell when the last one was."""
    setup.post()
    for _ in range(2):
        report = setup.post(b'{"action": "prune"}')
    assert setup.stored("prunes") == [f"btc-logger/{report['stored_as']}"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_only_a_post_does_anything(setup: Setup, method: str) -> None:
    """Any other method is refused with the one that is served."""
    answer = setup.function.request(method, "/any/path")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert setup.storage.objects("bucket") == {}


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b'{"action": "destroy"}', "destroy"),
        (b'{"action": null}', "None"),
        (b'{"action": ["backup"]}', "backup, drill, prune, status"),
        (b'{"action": {"backup": 1}}', "backup, drill, prune, status"),
        (b'["backup"]', "backup, drill, prune, status"),
        (b"backup", "not JSON"),
        (b'{"action": "backup"', "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 60_000, "not JSON"),
        (b'{"target": "eth-logger"}', "'eth-logger', expected one of btc-logger"),
    ],
    ids=[
        "unknown",
        "null",
        "list",
        "object",
        "no object",
        "word",
        "cut",
        "bytes",
        "deep",
        "target",
    ],
)
def test_a_request_that_makes_no_sense_is_refused(setup: Setup, body: bytes, named: str) -> None:
    """400 with a reason; the scheduler's mistake is not ours."""
    answer = setup.function.request("POST", body=body)
    assert answer.status_code == 400, answer.text
    assert named in answer.json()["message"]
    assert setup.storage.objects("bucket") == {}


def test_a_body_that_is_far_too_large_is_refused(setup: Setup) -> None:
    """Nobody has so much to say."""
    answer = setup.function.request("POST", body=b" " * 100_000)
    assert answer.status_code == 413
    assert answer.json()["status"] == 413


def test_a_bucket_that_does_not_exist_is_named(
    function_folder: Path, scripted: ScriptedLogger, storage: StorageFake
) -> None:
    """503 for every action: the scheduler tries again, and the message says what to do."""
    settings = {"GCS_BUCKET_NAME": "no-such-bucket", "STORAGE_EMULATOR_HOST": storage.url}
    with running_function(function_folder, scripted.url, **settings) as function:
        for action in ("backup", "drill", "prune", "maintenance", "status"):
            answer = function.request("POST", body=json.dumps({"action": action}).encode())
            assert answer.status_code == 503, action
            assert "no-such-bucket" in answer.text


@pytest.mark.parametrize("right", ["create", "get", "list"])
def test_a_key_without_a_right_is_told_which(
    function_folder: Path, scripted: ScriptedLogger, right: str
) -> None:
    """503, with the right that the key lacks; nothing half-done is left."""
    scripted.serve(b"row\n")
    with StorageFake(["bucket"], forbidden={right}) as storage:
        settings = {"GCS_BUCKET_NAME": "bucket", "STORAGE_EMULATOR_HOST": storage.url}
        with running_function(function_folder, scripted.url, **settings) as function:
            answer = function.request("POST")
            assert answer.status_code == 503
            error = answer.json()
            assert (error["error"], error["status"]) == ("StorageForbidden", 403)
            assert error["hint"] == f"Grant this key storage.objects.{right} on the bucket"
            assert "gs://bucket" in error["message"]
            assert storage.objects("bucket") == {}


def test_a_function_needs_no_right_to_delete_for_a_backup(
    function_folder: Path, scripted: ScriptedLogger
) -> None:
    """Only a prune does, and says so."""
    scripted.serve(b"row\n")
    with StorageFake(["bucket"], forbidden={"delete"}) as storage:
        settings = {"GCS_BUCKET_NAME": "bucket", "STORAGE_EMULATOR_HOST": storage.url}
        with running_function(function_folder, scripted.url, **settings) as function:
            assert function.request("POST").json()["result"] == "created"
            long_ago = datetime(2026, 1, 1, tzinfo=UTC)
            storage.plant("bucket", "btc-logger/scratch/old", b"", long_ago)
            answer = function.request("POST", body=b'{"action": "prune"}')
    assert answer.status_code == 503
    assert "storage.objects.delete" in answer.json()["hint"]


@pytest.mark.parametrize("store", ["bucket", "directory"])
def test_two_backups_at_once_make_one_history(
    function_folder: Path, scripted: ScriptedLogger, tmp_path: Path, store: str
) -> None:
    """Both have read the same parent when they race; the loser merges into the winner's."""
    both_have_read = Barrier(2)
    contents = {"a.csv": b"one\n", "b.csv": b"two\n"}
    unshown = list(contents)

    def show_one_file(_headers: dict[str, str]) -> Scripted:
        path = unshown.pop()
        both_have_read.wait(20)
        return Scripted(listing(whole_file(contents[path], path)))

    scripted.snapshot = show_one_file
    scripted.file = lambda path: Scripted(frame(contents[path]))
    with ExitStack() as stack:
        settings = {"LOCAL_BACKUP_DIR": str(tmp_path)}
        if store == "bucket":
            storage = stack.enter_context(StorageFake(["bucket"]))
            settings = {"GCS_BUCKET_NAME": "bucket", "STORAGE_EMULATOR_HOST": storage.url}
        function = stack.enter_context(running_function(function_folder, scripted.url, **settings))
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda _: function.request("POST"), range(2)))
        assert [answer.status_code for answer in answers] == [200, 200]
        reports = sorted((answer.json() for answer in answers), key=lambda one: int(one["number"]))
        assert [(one["number"], one["result"], one["files"]) for one in reports] == [
            (1, "created", 1),
            (2, "created", 2),
        ]
        drill = function.request("POST", body=b'{"action": "drill"}').json()
        assert (drill["passed"], drill["number"], drill["raw_bytes"]) == (True, 2, 8)
