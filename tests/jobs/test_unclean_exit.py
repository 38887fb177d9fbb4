"""What the next logger on the same disk knows of the end of the one before."""

import json
import signal
from pathlib import Path

import pytest

from job_processes import JobProcess, run_job, running_logger
from jobs.own_archive import local_archive, reasons, restored

FAST = {"LOG_INTERVAL_SECONDS": "0.02"}
# Sets the mark; the call of the system that is named does what is named.
SET_MARK = """
import errno, os, signal, sys
from pathlib import Path
def kill(*_): os.kill(os.getpid(), signal.SIGKILL)
def refuse(*_): raise OSError(errno.ENOSPC, "No space left on device")
data_dir, call, act = sys.argv[1:]
setattr(os, call, globals()[act])
from running_mark import RunningMark
print(RunningMark(Path(data_dir)).set("22222222"))
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data directory."""
    return tmp_path / "data"


def instance_of(logger: JobProcess) -> str:
    """As the log names it."""
    return logger.wait_for_line(r"instance ([0-9a-f]+) records")[1]


def test_a_logger_that_was_killed_is_told_and_its_rows_are_pushed(
    logger_folder: Path, data: Path, tmp_path: Path
) -> None:
    """At once: nobody knows how long this disk will last."""
    with running_logger(logger_folder, data, **FAST) as logger:
        killed = instance_of(logger)
        logger.wait_until(lambda: any(data.rglob(f"*.{killed}.csv")))
        logger.kill()
    (file,) = data.rglob(f"*.{killed}.csv")
    with running_logger(logger_folder, data, BACKUP_EXCLUDE="") as logger:
        logger.wait_for_line(
            rf" CRITICAL the logger before, {killed}, started at .*, did not end as it should$"
        )
        logger.wait_for_line(" INFO critical: unclean exit: the logger before, .*: backup 1 in ")
        assert restored(local_archive(data), tmp_path / "back") == {
            file.relative_to(data).as_posix(): file.read_bytes()
        }
        (reason,) = reasons(local_archive(data))
        assert reason.startswith(f"critical: unclean exit: the logger before, {killed}, ")


def test_a_clean_end_leaves_no_mark(logger_folder: Path, data: Path) -> None:
    """And the next start has nothing to tell."""
    for _ in range(2):
        with running_logger(logger_folder, data) as logger:
            logger.wait_until((data / ".backup" / "running.json").exists)
        assert not (data / ".backup" / "running.json").exists()
    assert "CRITICAL" not in logger.output


def test_another_logger_that_lives_is_no_unclean_end(logger_folder: Path, data: Path) -> None:
    """Two may share a disk for a while; each ends as it should."""
    with running_logger(logger_folder, data), running_logger(logger_folder, data) as second:
        second.wait_for_line("another logger runs with the same DATA_DIR")
    with running_logger(logger_folder, data) as third:
        pass
    assert "CRITICAL" not in second.output + third.output


@pytest.mark.parametrize("found", [b"", b"{", b"\x00" * 100, b'{"instance": 7}\n'])
def test_a_torn_mark_counts_as_one(logger_folder: Path, data: Path, found: bytes) -> None:
    """A power cut may have left it so."""
    (data / ".backup").mkdir(parents=True)
    (data / ".backup" / "running.json").write_bytes(found)
    with running_logger(logger_folder, data) as logger:
        logger.wait_for_line(" CRITICAL the logger before did not end as it should$")


def mark_of_a_killed_one(data: Path) -> None:
    """As a logger leaves it that did not end as it should."""
    (data / ".backup").mkdir(parents=True)
    mark = {"instance": "a name that is longer than any", "started_at": "2026-11-22T20:30:00.000Z"}
    (data / ".backup" / "running.json").write_text(json.dumps(mark))


@pytest.mark.parametrize("call", ["pwrite", "ftruncate", "fsync"])
def test_a_kill_while_the_mark_is_made_hides_no_unclean_end(
    logger_folder: Path, data: Path, call: str
) -> None:
    """The rows of the one before the killed one are pushed by the one after it."""
    mark_of_a_killed_one(data)
    done = run_job(logger_folder, "-c", SET_MARK, str(data), call, "kill", settings={})
    assert done.returncode == -signal.SIGKILL
    with running_logger(logger_folder, data) as logger:
        logger.wait_for_line(" CRITICAL the logger before.* did not end as it should$")


@pytest.mark.parametrize(
    ("call", "is_there"), [("pwrite", False), ("fsync", False), ("link", False), ("unlink", True)]
)
def test_a_mark_is_there_from_one_moment_to_the_next(
    logger_folder: Path, data: Path, call: str, *, is_there: bool
) -> None:
    """Whoever sees one, sees one that tells of a kill: there is none that is empty."""
    (data / ".backup" / "incoming").mkdir(parents=True)  # no call is for that
    done = run_job(logger_folder, "-c", SET_MARK, str(data), call, "kill", settings={})
    assert done.returncode == -signal.SIGKILL
    assert (data / ".backup" / "running.json").exists() is is_there
    with running_logger(logger_folder, data) as logger:
        pass
    assert ("CRITICAL the logger before, 22222222, " in logger.output) is is_there


@pytest.mark.parametrize("call", ["pwrite", "mkdir"])
def test_a_full_disk_hides_no_unclean_end(logger_folder: Path, data: Path, call: str) -> None:
    """Neither now nor at the next start."""
    mark_of_a_killed_one(data)
    words = ("-c", SET_MARK, str(data), call)
    for _ in range(2):
        done = run_job(logger_folder, *words, "refuse", settings={})
        assert done.returncode == 0
        assert "did not end as it should" in done.stdout


def test_a_mark_that_cannot_be_written_is_a_warning(logger_folder: Path, data: Path) -> None:
    """Recording is what matters."""
    (data / ".backup" / "running.json").mkdir(parents=True)
    with running_logger(logger_folder, data, **FAST) as logger:
        logger.wait_for_line(" WARNING .*running.json cannot be written: .*Is a directory")
        logger.wait_until(lambda: any(data.rglob("*.csv")))


def test_the_death_of_the_logger_command_is_backed_up(logger_folder: Path, data: Path) -> None:
    """At once, while there is a disk."""
    program = "mkdir -p $DATA_DIR; echo a price >> $DATA_DIR/own.csv; exit 3"
    with running_logger(logger_folder, data, LOGGER_COMMAND=f"sh -c '{program}'") as logger:
        logger.wait_for_line(" INFO critical: logger command: .*: backup 1 in ")
    assert reasons(local_archive(data))[0].startswith(
        "critical: logger command: the logger command ended with exit code 3 after "
    )
