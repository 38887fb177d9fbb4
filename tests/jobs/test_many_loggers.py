"""One function for twenty loggers, whose names begin alike, or are those of something else."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from requests import Response

from emulators.storage import StorageFake
from job_processes import JobProcess
from jobs.scripted_logger import Scripted, ScriptedLogger, frame, listing, whole_file
from jobs.several_loggers import post, running_for_several
from shared.targets import prefix_of

NAMES = (
    *("btc", "btc-logger", "btc-logger-2", "btc-", "btc--", "x0", "x" * 63),  # begin alike
    *("backup", "drill", "prune", "maintenance", "status"),  # actions
    *("backups", "chunks", "drills", "alerts"),  # folders of an archive
    *("snapshot", "snapshot-token", "targets", "k-service"),  # settings
)


def _good_logger(name: str) -> ScriptedLogger:
    """One that answers only to its own token, with one table."""
    content = name.encode()
    body = listing(whole_file(content), service=name)
    logger = ScriptedLogger()

    def answer(headers: dict[str, str]) -> Scripted:
        knows = headers.get("Authorization") == f"Bearer token-of-{name}"
        return Scripted(body) if knows else Scripted(status=401)

    logger.snapshot = answer
    logger.file = lambda _path: Scripted(frame(content))
    return logger


@pytest.fixture
def function(function_folder: Path, storage: StorageFake) -> Iterator[JobProcess]:
    """Beside all of them."""
    tokens = {f"{prefix_of(name)}SNAPSHOT_TOKEN": f"token-of-{name}" for name in NAMES}
    with ExitStack() as stack:
        loggers = {name: stack.enter_context(_good_logger(name)) for name in NAMES}
        addresses = {name: logger.url for name, logger in loggers.items()}
        yield stack.enter_context(
            running_for_several(function_folder, addresses, storage, **tokens)
        )


def at_once(function: JobProcess, action: str) -> dict[str, Response]:
    """The answers to a call about each, all under way at the same time."""
    with ThreadPoolExecutor(len(NAMES)) as calls:
        answers = calls.map(lambda name: post(function, action, name), NAMES)
        return dict(zip(NAMES, answers, strict=True))


def test_each_has_its_own_token_and_folder(function: JobProcess, storage: StorageFake) -> None:
    """Whatever it is called; no archive has an object of another, and each line is one entry."""
    for action in ("backup", "maintenance", "status"):
        answers = at_once(function, action)
        assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(
            NAMES, 200
        )
        assert [answer.json()["target"] for answer in answers.values()] == list(NAMES)
    objects = storage.objects("bucket")
    assert {path.split("/")[0] for path in objects} == {*NAMES}
    for name in NAMES:
        assert json.loads(objects[f"{name}/backups/00000001.json"])["service"] == name
        assert len([path for path in objects if path.startswith(f"{name}/chunks/")]) == 1
    entries = [json.loads(line) for line in function.stdout]
    assert sorted(entry["target"] for entry in entries) == sorted(3 * NAMES)
