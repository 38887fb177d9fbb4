"""The logger with somebody's own program as its writer, as a platform runs it."""

import re
import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from job_processes import TOKEN, JobProcess, running_logger
from programs import is_locked, lines_of, source

LAST_ROWS = """
    def end(*_):
        print("writing the last row")
        until((data / "may-end").exists)
        append("prices.csv", "last")
        sys.exit()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, lambda *_: append("prices.csv", "interrupted"))
    append("prices.csv", "first")
    print("it records")
    for_ever()
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data directory."""
    return tmp_path / "data"


def running_with(
    program: str, logger_folder: Path, data: Path
) -> AbstractContextManager[JobProcess]:
    """The logger that runs these lines, and whose recorder would write fast."""
    path = data.parent / "my logger.py"
    path.write_text(source(program))
    command = shlex.join([sys.executable, str(path)])
    settings = {"LOG_INTERVAL_SECONDS": "0.02", "LOGGER_COMMAND": command}
    return running_logger(logger_folder, data, **settings)


@pytest.fixture
def logger(logger_folder: Path, data: Path) -> Iterator[JobProcess]:
    """One whose program has written its first row, and waits at its end for `may-end`."""
    with running_with(LAST_ROWS, logger_folder, data) as logger:
        logger.wait_for_line("^it records$")
        yield logger
        (data / "may-end").touch()


def test_its_output_is_the_loggers(logger_folder: Path, data: Path) -> None:
    """Line by line, and the start says what writes."""
    program = """
        print("a price", sorted({"DATA_DIR", "PORT", "SNAPSHOT_TOKEN"} & os.environ.keys()))
        print("a warning", file=sys.stderr)
        for_ever()
    """
    with running_with(program, logger_folder, data) as logger:
        logger.wait_for_line("instance .* has `.*my logger.py'` write into .*/data and listens on")
        logger.wait_for_line("^a price")
        logger.wait_for_line("^a warning$")
        assert "a price ['DATA_DIR']" in logger.stdout
        assert "a warning" in logger.stderr


def test_one_that_dies_is_started_again(logger_folder: Path, data: Path) -> None:
    """The log says so as critical, and the logger itself lives on."""
    program = """
        append("starts.csv", "started")
        if len((data / "starts.csv").read_text().splitlines()) > 1:
            for_ever()
        sys.exit(3)
    """
    with running_with(program, logger_folder, data) as logger:
        logger.wait_for_line(
            r" CRITICAL the logger command ended with exit code 3 after \d+\.\d s$"
        )
        logger.wait_for_line(" INFO the logger command starts again in 1 s$")
        logger.wait_until(lambda: len(lines_of(data / "starts.csv")) == 2)
        assert logger.request("GET", "/health/live").status_code == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_first(logger: JobProcess, data: Path, number: signal.Signals) -> None:
    """Its last row is there when the logger has ended with 0, and our recorder wrote none."""
    (data / "may-end").touch()
    assert logger.end(number) == 0
    assert lines_of(data / "prices.csv") == ["first", "last"]
    assert {path.name for path in data.iterdir()} == {"prices.csv", "may-end", ".backup"}
    said = [line.partition(" INFO ")[2] for line in logger.stdout if " INFO " in line][-4:]
    name = signal.Signals(number).name
    assert said[:2] == [f"{name}: the end begins", "the logger command ended with exit code 0"]
    assert re.fullmatch("final push to .*: backup 1, 11 new bytes", said[2])
    assert said[3] == "stopped; starts of the logger command: 1"
    assert "CRITICAL" not in logger.output


def test_the_server_answers_until_it_has_ended(logger: JobProcess, data: Path) -> None:
    """A platform that asks meanwhile sees a logger that lives."""
    logger.send(signal.SIGTERM)
    logger.wait_for_line("^writing the last row$")
    assert logger.request("GET", "/health/live").status_code == 200
    (data / "may-end").touch()
    assert logger.wait() == 0
    assert lines_of(data / "prices.csv") == ["first", "last"]


def test_a_signal_that_comes_twice_at_once_costs_no_row(logger: JobProcess, data: Path) -> None:
    """As from a terminal, or from `timeout`, which signals a process and then its group."""
    for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGINT, signal.SIGCONT):
        logger.send(number)
    logger.wait_for_line("^writing the last row$")
    (data / "may-end").touch()
    assert logger.wait() == 0
    assert lines_of(data / "prices.csv") == ["first", "last"]


def test_its_workers_end_with_the_logger(logger_folder: Path, data: Path) -> None:
    """Nothing of it is left when the logger has ended."""
    program = """
        start_worker("for_ever()")
        print("it records")
        for_ever()
    """
    with running_with(program, logger_folder, data) as logger:
        logger.wait_for_line("^it records$")
        assert is_locked(data)
    assert not is_locked(data)


def test_the_snapshot_shows_what_it_writes(logger: JobProcess) -> None:
    """The same as if our recorder had."""
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    snapshot = logger.request("GET", "/snapshot", headers=bearer).json()
    assert [(file["path"], file["size"]) for file in snapshot["files"]] == [("prices.csv", 6)]
