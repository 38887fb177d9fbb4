"""Two loggers that answer as a test tells them to, and one function for both, with a bucket."""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from requests import Response

from emulators.storage import StorageFake
from job_processes import JobProcess, running_function
from jobs.own_archive import in_bucket
from jobs.scripted_logger import Scripted, ScriptedLogger, frame, listing, whole_file

BTC, ETH = "btc-logger", "eth-logger"
TOKENS = {BTC: "token-of-btc", ETH: "token-of-eth"}
OWN_TOKENS = {"BTC_LOGGER_SNAPSHOT_TOKEN": TOKENS[BTC], "ETH_LOGGER_SNAPSHOT_TOKEN": TOKENS[ETH]}


@contextmanager
def running_for_several(
    folder: Path, addresses: Mapping[str, str], storage: StorageFake, **settings: str
) -> Iterator[JobProcess]:
    """The function, which is told these loggers' addresses by their names."""
    told = {
        "SNAPSHOT_TOKEN": "",
        "TARGETS": ",".join(f"{name}={url}" for name, url in addresses.items()),
        **OWN_TOKENS,
        **in_bucket(storage),
        **settings,
    }
    with running_function(folder, "", **told) as function:
        yield function


def post(function: JobProcess, action: str, target: str) -> Response:
    """Ask for an action of one of them."""
    asked = {"action": action, "target": target}
    return function.request("POST", body=json.dumps(asked).encode())


def show(logger: ScriptedLogger, service: str, **tables: bytes) -> None:
    """Answer as a good logger of that name with these tables, and only to whoever has its token."""
    named = {f"{name}.csv": content for name, content in tables.items()}
    body = listing(*(whole_file(each, path) for path, each in named.items()), service=service)

    def answer(headers: dict[str, str]) -> Scripted:
        knows = headers.get("Authorization") == f"Bearer {TOKENS[service]}"
        return Scripted(body if knows else b"", 200 if knows else 401)

    logger.snapshot = answer
    logger.file = lambda path: Scripted(frame(named[path]))


@dataclass(frozen=True)
class Both:
    """A function with two scripted loggers."""

    function: JobProcess
    loggers: dict[str, ScriptedLogger]
    storage: StorageFake

    def at_once(self, action: str) -> dict[str, Response]:
        """The answers to one call about each, both under way at the same time."""
        with ThreadPoolExecutor(2) as calls:
            answers = calls.map(lambda name: post(self.function, action, name), TOKENS)
            return dict(zip(TOKENS, answers, strict=True))

    def report(self, action: str, target: str, status: int = 200) -> Any:
        """The answer to one call, which has to have that status."""
        answer = post(self.function, action, target)
        assert answer.status_code == status, answer.text
        return answer.json()

    def stored(self, below: str) -> dict[str, bytes]:
        """The bucket's objects whose names begin so."""
        objects = self.storage.objects("bucket")
        return {name: data for name, data in objects.items() if name.startswith(below)}


@contextmanager
def both_running(folder: Path, storage: StorageFake, **settings: str) -> Iterator[Both]:
    """Each logger has one table of its own."""
    with ScriptedLogger() as btc, ScriptedLogger() as eth:
        loggers = {BTC: btc, ETH: eth}
        for name, logger in loggers.items():
            show(logger, name, day=f"a row of {name}\n".encode())
        addresses = {name: logger.url for name, logger in loggers.items()}
        with running_for_several(folder, addresses, storage, **settings) as function:
            yield Both(function, loggers, storage)
