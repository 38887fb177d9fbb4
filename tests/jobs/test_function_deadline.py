"""What the function does near its time limit: real processes, and a logger that falls silent."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from emulators.storage import StorageFake
from emulators.storage_faults import Fault, FaultKind
from job_processes import JobProcess, running_function
from jobs.scripted_logger import Scripted, ScriptedLogger, frame, listing, whole_file

NEW, OLD = b"new\n" * 100, b"old\n" * 100
SECONDS = "3"  # a silence lasts until most of them have passed


@dataclass
class Setup:
    """A function with little time, a logger that may fall silent, and a bucket."""

    function: JobProcess
    logger: ScriptedLogger
    storage: StorageFake
    speak: Event

    def post(self, status: int = 200, action: str = "backup") -> Any:
        """Ask for an action; the answer, which must have this status."""
        answer = self.function.request("POST", body=b'{"action": "%s"}' % action.encode())
        assert answer.status_code == status, answer.text
        return answer.json()

    def fall_silent(self, path: str) -> None:
        """From now on the logger does not answer when it is asked for this file."""

        def answer(asked: str) -> Scripted:
            if asked == path:
                self.speak.wait()
            return Scripted(frame(NEW if asked == "new.csv" else OLD))

        self.logger.file = answer


@pytest.fixture
def setup(function_folder: Path, storage: StorageFake) -> Iterator[Setup]:
    """A logger that shows two files."""
    speak = Event()
    with ScriptedLogger() as logger:
        older = whole_file(OLD, "old.csv") | {"mtime_ns": 1}
        body = listing(whole_file(NEW, "new.csv"), older)
        logger.snapshot = lambda _headers: Scripted(body)
        with running_function(
            function_folder,
            logger.url,
            GCS_BUCKET_NAME="bucket",
            STORAGE_EMULATOR_HOST=storage.url,
            CALL_TIMEOUT_SECONDS=SECONDS,
            TRANSFER_THREADS="1",
        ) as function:
            yield Setup(function, logger, storage, speak)
            speak.set()


def test_a_logger_that_falls_silent_costs_only_what_it_has_left(setup: Setup) -> None:
    """The rest is committed in time, and the next call brings it."""
    setup.fall_silent("old.csv")
    report = setup.post()
    assert (report["result"], report["number"], report["later"]) == ("partial", 1, ["old.csv"])
    assert setup.function.wait_for_line('"severity": "WARNING", "message": "backup: partial"')
    setup.fall_silent("none")
    report = setup.post()
    assert (report["result"], report["number"], report["new_bytes"]) == ("created", 2, len(OLD))


def test_a_logger_that_never_answers_is_told_of_in_time(setup: Setup) -> None:
    """There is nothing to commit."""

    def answer(_headers: dict[str, str]) -> Scripted:
        setup.speak.wait()
        return Scripted(listing())

    setup.logger.snapshot = answer
    error = setup.post(502)
    assert error["error"] == "SourceUnreachable"
    assert "too slow for CALL_TIMEOUT_SECONDS" in error["hint"]
    assert setup.storage.objects("bucket") == {}


def test_a_storage_that_falls_silent_is_told_of_in_time(setup: Setup) -> None:
    """Nothing half-written is there afterwards, and the next call does it all."""
    setup.storage.plan(Fault(FaultKind.STALL, "list", times=None))
    error = setup.post(503)
    assert error["error"] == "StorageUnavailable"
    assert setup.storage.objects("bucket") == {}


def test_a_drill_that_storage_keeps_waiting_fails_in_time(setup: Setup) -> None:
    """What could not be read is named; once storage answers again, the next drill passes."""
    setup.fall_silent("none")
    setup.post()
    stalled = setup.storage.plan(Fault(FaultKind.STALL, "media", "chunks/", times=None))
    report = setup.post(503, "drill")
    assert (report["result"], report["passed"]) == ("failed", False)
    assert "did not answer" in "".join(report["lost"].values())
    assert report["lost_chunks"] == []
    stalled.end()
    report = setup.post(200, "drill")
    assert (report["result"], report["passed"]) == ("passed", True)
