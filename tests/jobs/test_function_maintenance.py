"""The daily job: a drill, and a prune of an archive that is as it should be."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from emulators.storage import StorageFake
from emulators.storage_answers import Answer
from emulators.storage_api import Request
from emulators.storage_faults import Fault, FaultKind
from job_processes import JobProcess, running_function
from jobs.own_archive import in_bucket
from jobs.scripted_logger import Scripted, ScriptedLogger, frame, listing, whole_file
from telling.webhook import Webhook

OLD = "btc-logger/scratch/old"  # what any prune deletes
CALL, READING = 10.0, 0.2  # seconds for a call, and for each chunk of it


@dataclass(frozen=True)
class Setup:
    """A function that tells a webhook, and its bucket."""

    function: JobProcess
    storage: StorageFake
    hook: Webhook

    def post(self, action: str, status: int = 200) -> Any:
        """Ask for an action; the report of an answer that has to have that status."""
        answer = self.function.request("POST", body=json.dumps({"action": action}).encode())
        assert answer.status_code == status, answer.text
        return answer.json()

    def stored(self, folder: str) -> list[str]:
        """The names of the bucket's objects below a folder of ours."""
        below = f"btc-logger/{folder}/"
        return [name for name in self.storage.objects("bucket") if name.startswith(below)]

    def lose_a_chunk(self) -> None:
        """Of the only backup."""
        (chunk,) = self.stored("chunks")
        self.storage.remove("bucket", chunk)

    @property
    def titles(self) -> list[str]:
        """Of the messages that arrived."""
        return [title.removeprefix("btc-logger: ") for title, _ in self.hook.texts]


@contextmanager
def running(
    folder: Path, logger: ScriptedLogger, storage: StorageFake, **settings: str
) -> Iterator[Setup]:
    """After one backup of a logger that is away now, with something there that a prune deletes."""
    logger.serve(b"row\n")
    with Webhook() as hook:
        told = {"NOTIFY_URLS": hook.url, **in_bucket(storage), **settings}
        with running_function(folder, logger.url, **told) as function:
            setup = Setup(function, storage, hook)
            setup.post("backup")
            logger.snapshot = lambda _headers: Scripted(b"away", 500)
            storage.plant("bucket", OLD, b"", datetime(2026, 1, 1, tzinfo=UTC))
            yield setup


@pytest.fixture
def setup(function_folder: Path, storage: StorageFake, scripted: ScriptedLogger) -> Iterator[Setup]:
    """With the time of a call that it has by default."""
    with running(function_folder, scripted, storage) as setup:
        yield setup


def test_a_drill_that_passes_is_followed_by_a_prune(setup: Setup) -> None:
    """Both are reported in one, and leave what they leave when they are called alone."""
    report = setup.post("maintenance")
    assert (report["action"], report["target"], report["result"]) == (
        "maintenance",
        "btc-logger",
        "done",
    )
    assert (report["drill"]["result"], report["drill"]["number"]) == ("passed", 1)
    assert (report["prune"]["kept"], report["prune"]["chunks_kept"]) == ([1], 1)
    assert setup.stored("drills") == [f"btc-logger/{report['drill']['stored_as']}"]
    assert setup.stored("prunes") == [f"btc-logger/{report['prune']['stored_as']}"]
    assert setup.stored("scratch") == setup.titles == []
    assert setup.function.wait_for_line('"INFO", "message": "maintenance: done"')


def test_a_drill_that_finds_damage_keeps_everything(setup: Setup) -> None:
    """503, and not one object is deleted: an older backup may be all that is left."""
    setup.lose_a_chunk()
    before = set(setup.storage.objects("bucket"))
    report = setup.post("maintenance", 503)
    assert (report["result"], report["drill"]["result"]) == ("failed", "failed")
    assert report["prune"] == {"result": "left out, because the drill failed"}
    assert before < set(setup.storage.objects("bucket"))
    assert (setup.storage.count("delete"), setup.stored("prunes")) == (0, [])
    assert setup.function.wait_for_line('"ERROR", "message": "maintenance: failed"')


def test_a_drill_that_mends_what_it_finds_keeps_everything_too(
    setup: Setup, scripted: ScriptedLogger
) -> None:
    """Whether all is well again, the next one tells; it prunes."""
    setup.lose_a_chunk()
    scripted.serve(b"row\n")
    report = setup.post("maintenance", 503)
    assert report["drill"]["repair"]["new_bytes"] == 4
    assert setup.stored("scratch") == [OLD]
    assert setup.post("maintenance")["result"] == "done"
    assert setup.stored("scratch") == []


def test_a_storage_that_fails_the_drill_is_asked_for_no_prune(setup: Setup) -> None:
    """503 with the error, so that the scheduler tries again."""
    down = setup.storage.plan(Fault(FaultKind.STATUS, "list", status=403, times=None))
    report = setup.post("maintenance", 503)
    down.end()
    assert (report["result"], report["drill"]["error"]) == ("failed", "StorageForbidden")
    assert (setup.storage.count("delete"), setup.stored("scratch")) == (0, [OLD])
    assert setup.function.wait_for_line('"ERROR", "message": "maintenance: the key may not list')


def test_a_prune_that_fails_leaves_the_drills_verdict(setup: Setup) -> None:
    """503 all the same, and the report has both."""
    setup.storage.plan(Fault(FaultKind.STATUS, "delete", status=403))
    report = setup.post("maintenance", 503)
    assert (report["result"], report["drill"]["result"]) == ("failed", "passed")
    assert report["prune"]["error"] == "StorageForbidden"
    assert setup.titles == ["prune failing"]
    assert setup.post("maintenance")["result"] == "done"
    assert setup.titles == ["prune failing", "over: prune failing"]


def test_drill_and_prune_are_told_of_as_if_each_was_called_alone(setup: Setup) -> None:
    """What a drill begins, the daily job ends; a prune that is left out says nothing."""
    (chunk,) = setup.stored("chunks")
    kept = setup.storage.objects("bucket")[chunk]
    setup.storage.plan(Fault(FaultKind.STATUS, "delete", status=403))
    setup.post("prune", 503)
    setup.storage.plant("bucket", chunk, b"damaged")
    for action in ("maintenance", "maintenance", "drill"):
        setup.post(action, 503)
    assert setup.titles == ["prune failing", "drill failing"]
    setup.storage.plant("bucket", chunk, kept)
    for _ in range(2):
        setup.post("maintenance")
    assert setup.titles[2:] == ["over: drill failing", "over: prune failing"]


class SlowReads(StorageFake):
    """A bucket that takes its time over each chunk that is read."""

    def answer(self, request: Request) -> Answer:
        """As the fake does, but later."""
        if "chunks" in request.target and request.query.get("alt") == "media":
            Event().wait(READING)
        return super().answer(request)


def test_a_drill_that_runs_out_of_time_leaves_enough_for_the_prune(
    function_folder: Path, scripted: ScriptedLogger
) -> None:
    """What it has proven is kept, the prune is done, and the next drill goes on."""
    settings = {"CALL_TIMEOUT_SECONDS": f"{CALL:g}", "TRANSFER_THREADS": "1"}
    chunks = int(CALL * 0.65 / READING)  # a drill that has all the time reads them all
    with (
        SlowReads(["bucket"]) as storage,
        running(function_folder, scripted, storage, **settings) as setup,
    ):
        tables = {f"{number}.csv": b"row %d\n" % number for number in range(chunks)}
        entries = [whole_file(content, path) for path, content in tables.items()]
        scripted.snapshot = lambda _headers: Scripted(listing(*entries))
        scripted.file = lambda path: Scripted(frame(tables[path]))
        assert setup.post("backup")["files"] == chunks + 1
        report = setup.post("maintenance")
        assert (report["result"], report["drill"]["result"]) == ("partial", "partial")
        assert 0 < len(report["drill"]["proven"]) < chunks
        assert setup.stored("scratch") == []
        assert setup.post("maintenance")["drill"]["result"] == "passed"
