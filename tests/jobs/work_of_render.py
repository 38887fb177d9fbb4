"""All that logger and restore job do in a bucket that has an archive already.

Each piece of work raises AssertionError where it does not succeed.
"""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from job_processes import JobProcess, running_logger
from jobs.accounts import BUCKET, Account
from jobs.seeded_archive import SECOND, SERVICE, RestoreJob, tree

ADDRESS = f"gs://{BUCKET}/{SERVICE}"
ROWS = {"own.csv": b"ts,price\n1,73000\n"}
HTML = {"Accept": "text/html,*/*"}


@dataclass(frozen=True)
class Render:
    """The folders of the two jobs, the disk, and the key that lies on it."""

    logger_folder: Path
    restore_folder: Path
    disk: Path
    account: Account

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.disk / "data"

    @property
    def job(self) -> RestoreJob:
        """The restore job, which may read the bucket alone."""
        return RestoreJob(self.restore_folder, self.data, self.disk / "none", self.account.with_key)

    def logger(self, **settings: str) -> AbstractContextManager[JobProcess]:
        """A running logger with a file of its own, which restores nothing unless it is told to."""
        for name, content in ROWS.items():
            self.data.mkdir(exist_ok=True)
            (self.data / name).write_bytes(content)
        told = {"AUTO_RESTORE_ON_STARTUP": "false", **self.account.with_key, **settings}
        return running_logger(self.logger_folder, self.data, **told)


def start_step(render: Render) -> None:
    """An empty disk gets the newest state."""
    assert render.job.answer()["outcome"] == "restored"
    assert tree(render.data) == SECOND


def restores(render: Render) -> None:
    """An older backup, and single files with their earlier versions."""
    to = str(render.disk / "then")
    assert render.job.answer("--backup", "1", "--to", to)["outcome"] == "restored"
    answer = render.job.answer("--file", "old.csv", "--earlier", "--dry-run")
    assert len(answer["steps"]) == 2


def check(render: Render) -> None:
    """The newest backup is proven restorable."""
    assert render.job.answer("--check")["passed"]


def lists(render: Render) -> None:
    """The backups, and the files of one."""
    for words in ((), ("--file", "*")):
        done = render.job.run("--list", "--provider", "gcs", *words)
        assert done.returncode == 0, done.stdout + done.stderr


def trigger(render: Render) -> None:
    """A person asks for a backup and a test restore."""
    with render.logger() as logger:
        for order in ("trigger", "drill"):
            answer = logger.request("POST", f"/backup/{order}?wait=true&providers=gcs")
            assert answer.status_code == 200, answer.text
            (told,) = answer.json()["result"]["providers"]
            assert told["result"] in ("created", "nothing new", "passed")


def final_push(render: Render) -> None:
    """The end is saved."""
    with render.logger() as logger:
        assert logger.end() == 0
        logger.wait_for_line(f"final push to {ADDRESS}: (backup|nothing new)")


def critical_push(render: Render) -> None:
    """So is what a killed logger left."""
    with render.logger(LOG_INTERVAL_SECONDS="0.02") as logger:
        logger.wait_until(lambda: len(tree(render.data)) > len(ROWS))
        logger.kill()
    with render.logger() as logger:
        logger.wait_for_line(f"critical: unclean exit.*: backup \\d+ in {ADDRESS}")


def catch_up(render: Render) -> None:
    """A running logger brings what its disk lacks."""
    with render.logger(AUTO_RESTORE_ON_STARTUP="true", CATCH_UP_SECONDS="0.2") as logger:
        logger.wait_until(lambda: (SECOND | ROWS).items() <= tree(render.data).items())


def watching(render: Render) -> None:
    """It knows the backups of the bucket."""
    with render.logger() as logger:
        logger.wait_until(lambda: _known(logger) == [2, 1])


def browsing(render: Render) -> None:
    """A person finds a file of a backup on the dashboard, and saves it."""
    with render.logger() as logger:
        logger.wait_until(lambda: "/dashboard/backups/gcs/2" in _page(logger, "/dashboard/backups"))
        opened = _page(logger, "/dashboard/backups/gcs/2")
        links = map(unescape, re.findall(r'<a [^>]*?href="(.*?)"', opened))
        link = next(link for link in links if "/backup/files/" in link and "new.csv" in link)
        saved = logger.request("GET", link, headers=HTML)
        assert (saved.status_code, saved.content) == (200, SECOND["new.csv"])


def _known(logger: JobProcess) -> list[int]:
    """The bucket's backups that the logger knows, the newest first."""
    told = logger.request("GET", "/backup/list?provider=gcs").json()
    return [one["number"] for one in told["backups"]]


def _page(logger: JobProcess, path: str) -> str:
    answer = logger.request("GET", path, headers=HTML)
    assert answer.status_code == 200, answer.text
    return answer.text


WORK: list[Callable[[Render], None]] = [
    start_step,
    trigger,
    restores,
    check,
    lists,
    final_push,
    critical_push,
    catch_up,
    watching,
    browsing,
]
