"""All that the backup function does in a bucket that is empty at first.

Each piece of work raises AssertionError where it does not succeed.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from job_processes import JobProcess, running_function
from jobs.accounts import BUCKET, Account
from jobs.scripted_logger import Scripted, ScriptedLogger, listing, whole_file
from jobs.seeded_archive import SERVICE
from shared.alert_store import KEPT
from telling.watchdog import Watchdog
from telling.webhook import Webhook

ROWS = b"2026-11-22T20:30:00.214Z,replay,BTC-USD,82998.90\n"
LONG_AGO = timedelta(days=3)  # older than what a prune spares


@dataclass(frozen=True)
class Function:
    """Its folder and its account, the logger that it pulls from, and an archive to plant."""

    folder: Path
    account: Account
    scripted: ScriptedLogger
    archive: Path

    @contextmanager
    def running(self, **settings: str) -> Iterator["Called"]:
        """A process of it; the logger has a table."""
        self.scripted.serve(ROWS)
        with (
            self.account.on_google() as told,
            running_function(self.folder, self.scripted.url, **told, **settings) as process,
        ):
            yield Called(process)

    def shows(self, status: int) -> None:
        """The logger has its table, or fails."""
        body = listing(whole_file(ROWS))
        self.scripted.snapshot = lambda _headers: Scripted(body, status)

    def stored(self, folder: str) -> list[str]:
        """The names of the bucket's objects below a folder of ours."""
        names = self.account.storage.objects(BUCKET)
        return [name for name in names if name.startswith(f"{SERVICE}/{folder}/")]

    def plant_old(self) -> None:
        """Put two backups there that are some days old, and a chunk that neither names."""
        storage, old = self.account.storage, datetime.now(UTC) - LONG_AGO
        for path in filter(Path.is_file, self.archive.rglob("*")):
            name = path.relative_to(self.archive).as_posix()
            storage.plant(BUCKET, name, path.read_bytes(), old)
        storage.plant(BUCKET, f"{SERVICE}/chunks/00/{'0' * 64}.zst", b"", old)


@dataclass(frozen=True)
class Called:
    """A running function."""

    process: JobProcess

    def does(self, action: str, status: int = 200) -> Any:
        """The report of an action, which must be answered so."""
        answer = self.process.request("POST", body=json.dumps({"action": action}).encode())
        assert answer.status_code == status, answer.text
        return answer.json()


def backup(function: Function) -> None:
    """One is made, and the status shows it."""
    with function.running() as called:
        assert called.does("backup")["result"] == "created"
        assert called.does("status")["newest"] == 1


def drill(function: Function) -> None:
    """It passes, and leaves its report."""
    with function.running() as called:
        called.does("backup")
        assert called.does("drill")["passed"]
    assert len(function.stored("drills")) == 1


def repair(function: Function) -> None:
    """A chunk that went bad is stored again."""
    with function.running() as called:
        called.does("backup")
        (chunk,) = function.stored("chunks")
        function.account.storage.plant(BUCKET, chunk, b"bad")
        assert called.does("drill", 503)["repair"]["result"] == "created"
        assert called.does("drill")["passed"]


def prune(function: Function) -> None:
    """Backups and chunks that nobody needs go; the record of the prune before goes, too."""
    function.plant_old()
    with function.running(KEEP_LAST="1", KEEP_DAILY="0") as called:
        report = called.does("prune")
        assert report["dropped"] == [1]
        assert report["chunks_dropped"] > 0
        called.does("prune")
    assert len(function.stored("prunes")) == 1


def maintenance(function: Function) -> None:
    """The daily call: a test restore, then a prune."""
    function.plant_old()
    with function.running(KEEP_LAST="1", KEEP_DAILY="0") as called:
        called.does("backup")
        report = called.does("maintenance")
        assert report["drill"]["passed"]
        assert 1 in report["prune"]["dropped"]


def alerts(function: Function) -> None:
    """What people were told is remembered in the bucket, and what is older goes."""
    titles = [f"{SERVICE}: backup failing", f"{SERVICE}: over: backup failing"] * 2
    with Webhook() as hook:
        with function.running(NOTIFY_URLS=hook.url) as called:
            for status, expected in ((500, 502), (200, 200), (500, 502), (200, 200)):
                function.shows(status)
                called.does("backup", expected)
        with function.running(NOTIFY_URLS=hook.url) as called:
            called.does("backup")
        assert [title for title, _ in hook.texts] == titles
    assert len(function.stored("alerts")) == KEPT < len(titles)


def heartbeat(function: Function) -> None:
    """A watchdog hears of each backup."""
    with Watchdog() as watchdog, function.running(HEARTBEAT_URL=watchdog.url) as called:
        called.does("backup")
        assert len(watchdog.asked) == 1


WORK: list[Callable[[Function], None]] = [
    backup,
    drill,
    repair,
    prune,
    maintenance,
    alerts,
    heartbeat,
]
