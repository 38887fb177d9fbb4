"""The logger's own backup at its end: what it has written outlives the disk."""

from pathlib import Path

import pytest

from emulators.storage import StorageFake
from emulators.storage_faults import Fault, FaultKind
from engine.archives import contents, write
from job_processes import JobProcess, own_backups, running_logger
from jobs.own_archive import bucket_archive, in_bucket, local_archive, reasons, restored
from shared.history import numbers

FAST = {"LOG_INTERVAL_SECONDS": "0.02", "REPLAY_SPEED": "60"}
BUCKET = "gs://bucket/btc-logger"


def wait_for_rows(logger: JobProcess, data: Path, size: int = 2000) -> None:
    """Return once it has written so many bytes of them."""
    logger.wait_until(lambda: sum(file.stat().st_size for file in data.rglob("*.csv")) >= size)


def test_every_row_is_in_each_archive_when_the_logger_has_ended(
    logger_folder: Path, tmp_path: Path, storage: StorageFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of its own last moment too, and what lay there before."""
    data = tmp_path / "data"
    write(data, "old/day.csv", b"ts,price\n1,73000\n", hours_ago=30)
    with running_logger(logger_folder, data, **FAST, **in_bucket(storage)) as logger:
        wait_for_rows(logger, data)
        assert logger.end() == 0
    for number, reader in enumerate([local_archive(data), bucket_archive(storage, monkeypatch)]):
        assert restored(reader, tmp_path / f"back {number}") == contents(data)
        assert set(reasons(reader)) == {"shutdown"}
        logger.wait_for_line(rf" INFO final push to {reader.address}: backup 1, \d+ new bytes$")


def test_a_second_life_adds_only_what_is_new(logger_folder: Path, tmp_path: Path) -> None:
    """Of the rows before, nothing is stored again."""
    data = tmp_path / "data"
    for size in (2000, 20_000):
        with running_logger(logger_folder, data, **FAST) as logger:
            wait_for_rows(logger, data, size)
    assert restored(local_archive(data), tmp_path / "back") == contents(data)
    logger.wait_for_line(r"final push to .*: backup 2, \d+ new bytes$")


def test_a_push_of_nothing_new_makes_no_backup(logger_folder: Path, tmp_path: Path) -> None:
    """And says so."""
    data = tmp_path / "data"
    write(data, "day.csv", b"ts,price\n1,73000\n")
    for _ in range(2):
        with running_logger(logger_folder, data) as logger:
            pass
    assert numbers(local_archive(data)) == [1]
    logger.wait_for_line("final push to .*: nothing new since backup 1$")


def test_a_bucket_that_hangs_does_not_hold_the_end(
    logger_folder: Path, tmp_path: Path, storage: StorageFake
) -> None:
    """It ends with 0, so in time; the log says what the bucket lacks, and the local archive has."""
    data = tmp_path / "data"
    storage.plan(Fault(FaultKind.STALL, "list", times=None))
    settings = FAST | in_bucket(storage) | {"SHUTDOWN_SECONDS": "2"}
    with running_logger(logger_folder, data, **settings) as logger:
        wait_for_rows(logger, data)
        assert logger.end() == 0
    assert restored(local_archive(data), tmp_path / "back") == contents(data)
    rows = sum(content.count(b"\n") for content in contents(data).values())
    logger.wait_for_line(
        f" ERROR final push to {BUCKET} failed: .* did not answer.*; "
        f"at most 1 files with {rows} new lines are on this disk alone"
    )
    assert "in the middle of" not in logger.output


@pytest.mark.parametrize("verb", ["list", "insert"])
def test_a_storage_that_refuses_for_a_while_is_asked_again(
    logger_folder: Path,
    tmp_path: Path,
    storage: StorageFake,
    monkeypatch: pytest.MonkeyPatch,
    verb: str,
) -> None:
    """Until there is no more time: nothing else will save these rows."""
    data = tmp_path / "data"
    storage.plan(Fault(FaultKind.STATUS, verb, status=503, times=7))
    settings = FAST | in_bucket(storage) | {"SHUTDOWN_SECONDS": "20"}
    with running_logger(logger_folder, data, **settings) as logger:
        wait_for_rows(logger, data)
        assert logger.end() == 0
    reader = bucket_archive(storage, monkeypatch)
    assert restored(reader, tmp_path / "back") == contents(data)


def test_a_key_without_rights_is_not_tried_again(logger_folder: Path, tmp_path: Path) -> None:
    """It would still have none; the local archive has all."""
    data = tmp_path / "data"
    with StorageFake(["bucket"], forbidden=["create"]) as storage:
        with running_logger(logger_folder, data, **FAST, **in_bucket(storage)) as logger:
            wait_for_rows(logger, data)
            assert logger.end() == 0
        assert storage.count("insert") == 1
    logger.wait_for_line(f" ERROR final push to {BUCKET} failed: the key may not create")
    assert restored(local_archive(data), tmp_path / "back") == contents(data)


def test_nothing_is_half_committed_when_storage_refuses_to_the_end(
    logger_folder: Path, tmp_path: Path, storage: StorageFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came before is as it was, and every backup names only chunks that are there."""
    data = tmp_path / "data"
    write(data, "old/day.csv", b"ts,price\n1,73000\n", hours_ago=30)
    with running_logger(logger_folder, data, **in_bucket(storage)):
        pass
    reader = bucket_archive(storage, monkeypatch)
    before = numbers(reader)
    storage.plan(Fault(FaultKind.STATUS, "insert", name="backups/", status=503, times=None))
    settings = FAST | in_bucket(storage) | {"SHUTDOWN_SECONDS": "2"}
    with running_logger(logger_folder, data, **settings) as logger:
        wait_for_rows(logger, data)
        assert logger.end() == 0
    assert numbers(reader) == before
    assert restored(reader, tmp_path / "back") == {"old/day.csv": b"ts,price\n1,73000\n"}
    logger.wait_for_line(f" ERROR final push to {BUCKET} failed: ")


def test_without_backups_nothing_is_pushed(logger_folder: Path, tmp_path: Path) -> None:
    """BACKUP_ENABLED=false means the logger's own too."""
    data = tmp_path / "data"
    with running_logger(logger_folder, data, **FAST, BACKUP_ENABLED="false") as logger:
        wait_for_rows(logger, data)
    assert not own_backups(data).exists()
    assert "final push" not in logger.output


def test_what_the_logger_command_wrote_last_is_pushed(logger_folder: Path, tmp_path: Path) -> None:
    """Its end comes first."""
    data = tmp_path / "data"
    program = 'trap "echo last >> $DATA_DIR/own.csv; exit" TERM; echo it records; sleep 60 & wait'
    settings = {"LOGGER_COMMAND": f"sh -c '{program}'"}
    with running_logger(logger_folder, data, **settings) as logger:
        logger.wait_for_line("^it records$")
    assert restored(local_archive(data), tmp_path / "back") == {"own.csv": b"last\n"}
