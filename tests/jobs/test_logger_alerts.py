"""Whom a real logger tells, once when it begins and once when it ends, over restarts too."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from emulators.storage import StorageFake
from emulators.storage_faults import Fault, FaultKind
from job_processes import JobProcess, own_backups, running_logger
from jobs.own_archive import in_bucket
from programs import wait_until
from shared.receipt import Outcome, Receipt, write_receipt
from telling.watchdog import Watchdog
from telling.webhook import Webhook

FAST = {"LOG_INTERVAL_SECONDS": "0.1", "CATCH_UP_SECONDS": "0.2", "BACKUP_EXCLUDE": "none"}
OFTEN = {"BACKUP_INTERVAL_MINUTES": "0.005"}
SERVICE = "btc-logger: "
LATE = "no backup for two intervals"


class Setup:
    """A disk, and a webhook that outlives the loggers on it."""

    def __init__(self, folder: Path, data: Path, hook: Webhook) -> None:
        self.folder, self.data, self.hook = folder, data, hook
        self.hushed = ""  # what another test is about

    def logger(self, **settings: str) -> AbstractContextManager[JobProcess]:
        """A new one on the same disk."""
        told = {"NOTIFY_URLS": self.hook.url, **FAST, **settings}
        return running_logger(self.folder, self.data, **told)

    @property
    def titles(self) -> list[str]:
        """Of the messages that arrived, less those of what `hushed` names."""
        told = [title.removeprefix(SERVICE) for title, _ in self.hook.texts]
        return [title for title in told if not self.hushed or self.hushed not in title]

    def wait_for(self, *titles: str) -> None:
        """Return once these have arrived, and no others."""
        wait_until(lambda: len(self.titles) >= len(titles))
        assert self.titles == [*titles]


@pytest.fixture
def setup(logger_folder: Path, tmp_path: Path) -> Iterator[Setup]:
    """An empty disk."""
    with Webhook() as hook:
        yield Setup(logger_folder, tmp_path / "data", hook)


def test_a_backup_that_fails_is_told_once_over_restarts(setup: Setup) -> None:
    """And that it does well again; a file lies where the backups should."""
    setup.hushed = LATE  # which with these intervals it is at once
    archive = own_backups(setup.data) / "btc-logger"
    archive.parent.mkdir()
    archive.write_bytes(b"")
    begun, hasty = f"backup failing: {archive}", OFTEN | {"SHUTDOWN_SECONDS": "1"}
    with setup.logger(**hasty) as logger:
        setup.wait_for(begun)
    with setup.logger(**hasty) as logger:
        logger.wait_for_line("backups to .* fail")
    setup.wait_for(begun)
    archive.unlink()
    for _ in range(2):
        with setup.logger(**OFTEN) as logger:
            logger.wait_for_line(r"backup \d+ to .*: \d+ new bytes")
            wait_until(lambda: len(setup.titles) == 2)
    setup.wait_for(begun, f"over: {begun}")


def test_a_late_backup_is_told_until_there_is_one(setup: Setup, storage: StorageFake) -> None:
    """In the bucket, where no function comes by; the local ones are in time."""
    begun = f"{LATE}: gs://bucket/btc-logger"
    settings = in_bucket(storage) | {"BACKUP_INTERVAL_MINUTES": "0.05"}
    with setup.logger(**settings) as logger:
        setup.wait_for(begun)
        logger.request("POST", "/backup/trigger?wait=true&providers=gcs")
        setup.wait_for(begun, f"over: {begun}")


def test_missing_history_is_told_until_it_has_come(setup: Setup, storage: StorageFake) -> None:
    """Two loggers start without it, the second one gets it."""
    away = storage.plan(Fault(FaultKind.STATUS, "list", status=403, times=None))
    settings = in_bucket(storage) | {"RESTORE_EXIT_CODE": "3", "SHUTDOWN_SECONDS": "3"}
    settings |= {"BACKUP_ENABLED": "false"}
    begun = "started without its history"
    with setup.logger(**settings) as logger:
        setup.wait_for(begun)
    with setup.logger(**settings) as logger:
        logger.wait_until(lambda: away.fired > 2)
        setup.wait_for(begun)
        away.end()
        setup.wait_for(begun, f"over: {begun}")
    assert setup.hook.texts[1][1].startswith("its history is here")


def test_an_unclean_end_is_one_message(setup: Setup) -> None:
    """From the next logger on the disk, not from the one after it."""
    with setup.logger() as logger:
        logger.wait_for_line("listens on")
        wait_until((setup.data / ".backup" / "running.json").exists)
        logger.kill()
    for _ in range(2):
        with setup.logger():
            setup.wait_for("critical event: unclean exit")
    setup.wait_for("critical event: unclean exit")


def test_a_dying_command_is_a_critical_event(setup: Setup) -> None:
    """Once, however often it dies, and whoever starts it again."""
    for _ in range(2):
        with setup.logger(LOGGER_COMMAND="false") as logger:
            logger.wait_for_line("the logger command ended")
            setup.wait_for("critical event: logger command")
    assert "exit code 1" in setup.hook.texts[0][1]


def test_a_final_push_that_fails_is_told_before_the_end(setup: Setup, storage: StorageFake) -> None:
    """Its rows may be lost: nobody looks at the log of a process that is gone."""
    storage.plan(Fault(FaultKind.STATUS, "list", status=503, times=None))
    settings = in_bucket(storage) | {"SHUTDOWN_SECONDS": "5", "AUTO_RESTORE_ON_STARTUP": "false"}
    with setup.logger(**settings) as logger:
        wait_until(lambda: any(setup.data.rglob("*.csv")))
    logger.wait_for_line("final push to gs://bucket/btc-logger")
    setup.wait_for("backup failing: gs://bucket/btc-logger")


def test_a_restore_before_the_start_is_told_once(setup: Setup) -> None:
    """However often a logger starts after it; one that found all in place is no news."""
    receipt = Receipt(
        outcome=Outcome.RESTORED,
        directory=str(setup.data),
        started_at="2026-11-22T12:00:00.000Z",
        restored_files=3,
        restored_rows=120,
        restored_bytes=12000,
        newest_row="2026-11-22T11:59:00.000Z",
        missing_seconds=60,
    )
    write_receipt(setup.data, receipt)
    for _ in range(2):
        with setup.logger(RESTORE_EXIT_CODE="0"):
            setup.wait_for("restore done: restored")
    idle = receipt.model_copy(
        update={"started_at": "2026-11-22T13:00:00.000Z", "restored_files": 0}
    )
    write_receipt(setup.data, idle)
    with setup.logger(RESTORE_EXIT_CODE="0"):
        setup.wait_for("restore done: restored")
    body = setup.hook.texts[0][1]
    assert "3 files with 120 rows, 12,000 bytes" in body
    assert "the newest row is of 2026-11-22T11:59:00.000Z" in body
    assert "60 s were missing" in body


def test_what_nobody_took_is_told_by_the_next_logger(setup: Setup) -> None:
    """On the same disk: the network may be down for as long as a process lives."""
    setup.hook.refusals = 2
    with setup.logger(LOGGER_COMMAND="false", SHUTDOWN_SECONDS="5"):
        wait_until(lambda: len(setup.titles) == 1)
    assert setup.hook.refusals == 0  # the last try is made at the end
    with setup.logger():
        wait_until(lambda: len(setup.titles) == 3)
    assert setup.titles == ["critical event: logger command"] * 3  # two of them refused


def test_a_good_local_backup_is_a_heartbeat_where_the_disk_stays(setup: Setup) -> None:
    """It stands in no log; on Render a backup beside the data is none."""
    with Watchdog() as watchdog:
        with setup.logger(HEARTBEAT_URL=watchdog.url, **OFTEN) as logger:
            wait_until(lambda: watchdog.asked != [])
        assert "secret-uuid" not in logger.output
        before = len(watchdog.asked)
        with setup.logger(HEARTBEAT_URL=watchdog.url, RENDER="true", **OFTEN) as logger:
            logger.wait_for_line(r"backup \d+ to .*: \d+ new bytes")
        assert len(watchdog.asked) == before


def test_a_snapshot_tells_that_it_catches_up(
    logger_folder: Path, tmp_path: Path, storage: StorageFake
) -> None:
    """Until all that the archive has is here; never where nothing is to be restored."""
    away = storage.plan(Fault(FaultKind.STATUS, "list", status=403, times=None))
    settings = in_bucket(storage) | FAST | {"BACKUP_ENABLED": "true", "SHUTDOWN_SECONDS": "3"}
    with running_logger(logger_folder, tmp_path / "data", **settings) as logger:
        assert _catches_up(logger)
        logger.wait_until(lambda: away.fired > 1)
        assert _catches_up(logger)
        away.end()
        logger.wait_until(lambda: not _catches_up(logger))
    settings["AUTO_RESTORE_ON_STARTUP"] = "false"
    with running_logger(logger_folder, tmp_path / "data", **settings) as logger:
        assert not _catches_up(logger)


def _catches_up(logger: JobProcess) -> bool:
    answer = logger.request("GET", "/snapshot", headers={"Authorization": "Bearer test-token"})
    return bool(answer.json()["catching_up"])
