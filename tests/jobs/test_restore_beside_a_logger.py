"""A restore by hand into the data directory of a logger that runs (rule 6)."""

import json
import os
from pathlib import Path

from engine.archives import write
from job_processes import running_logger
from jobs.seeded_archive import SECOND, RestoreJob, tree

OPEN = {"BTC-USD/day.csv": b"one\n", "old.csv": b"what a program writes now\n"}


def test_nothing_that_a_program_may_have_opened_is_replaced(
    logger_folder: Path, job: RestoreJob
) -> None:
    """It would go on writing to a file without a name. What is missing comes, and the rest beside.

    Without the logger, both are as any restore would leave them.
    """
    for path, raw in OPEN.items():
        os.utime(write(job.data, path, raw), (1, 1))
    settings = {"AUTO_RESTORE_ON_STARTUP": "false"}
    with running_logger(logger_folder, job.data, **settings) as logger:
        logger.wait_until((job.data / ".backup" / "running.json").exists)
        inodes = {path: (job.data / path).stat().st_ino for path in OPEN}
        told = json.loads(job.run("--file", "*", "--dry-run", "--json").stdout)
        assert told["live"] is True
        done = job.run("--file", "*")
        assert done.returncode == 0, done.stdout
        assert inodes == {path: (job.data / path).stat().st_ino for path in OPEN}
    assert f"a logger runs with {job.data}: nothing in place is replaced" in done.stdout
    found = tree(job.data)
    assert {path: found.pop(path) for path in OPEN} == OPEN
    assert sorted(found.values()) == sorted(SECOND.values())
    assert job.run().returncode == 0
    assert SECOND.items() <= tree(job.data).items()
