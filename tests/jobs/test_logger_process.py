"""The logger as a platform runs it: its start, its end, and what it leaves on the disk."""

import csv
import signal
import socket
from pathlib import Path

import pytest

from job_processes import (
    TOKEN,
    JobProcess,
    run_job,
    running,
    running_logger,
)
from processes import copy_job

FAST = {"LOG_INTERVAL_SECONDS": "0.02", "REPLAY_SPEED": "60"}


def contents(data: Path, name: str = "*.csv") -> dict[Path, bytes]:
    """What the price files hold: one, or two when a test runs at midnight."""
    return {path: path.read_bytes() for path in data.rglob(name)}


def count_rows(data: Path, name: str = "*.csv") -> int:
    """Whole rows in the price files, their headers not counted."""
    return sum(content.count(b"\n") - 1 for content in contents(data, name).values() if content)


def instance_of(logger: JobProcess) -> str:
    """What tells this process's files from another's."""
    return logger.wait_for_line(r"instance ([0-9a-f]+) records")[1]


def wait_for_own_rows(logger: JobProcess, data: Path) -> None:
    """Return once this process has written some rows."""
    own = f"*.{instance_of(logger)}.csv"
    logger.wait_until(lambda: count_rows(data, own) >= 5)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_after_a_whole_row(
    logger_folder: Path, tmp_path: Path, number: signal.Signals
) -> None:
    """Exit code 0, every row complete and on disk, and as many as it says."""
    with running_logger(logger_folder, tmp_path, **FAST) as logger:
        logger.wait_until(lambda: count_rows(tmp_path) >= 5)
        assert logger.end(number) == 0
    for content in contents(tmp_path).values():
        assert content.endswith(b"\n")
        header, *rows = csv.reader(content.decode().splitlines())
        assert header[:4] == ["ts_utc", "source", "symbol", "price"]
        assert {len(row) for row in rows} == {len(header)} == {10}
    logger.wait_for_line(rf"stopped; {count_rows(tmp_path)} rows written")
    logger.wait_for_line(rf" INFO {number.name}: the end begins$")


def test_replayed_prices_say_so_in_every_row(logger_folder: Path, tmp_path: Path) -> None:
    """Nobody may ever take them for real ones."""
    with running_logger(logger_folder, tmp_path, **FAST) as logger:
        logger.wait_until(lambda: count_rows(tmp_path) >= 10)
    for content in contents(tmp_path).values():
        for row in csv.DictReader(content.decode().splitlines()):
            assert row["source"].startswith("replay")
            assert float(row["price"]) > 0


def test_two_loggers_on_one_directory_never_write_the_same_file(
    logger_folder: Path, tmp_path: Path
) -> None:
    """As in the minute of a deploy: each has files of its own, named by its instance."""
    with (
        running_logger(logger_folder, tmp_path, **FAST) as old,
        running_logger(logger_folder, tmp_path, **FAST) as new,
    ):
        for logger in (old, new):
            wait_for_own_rows(logger, tmp_path)
    assert instance_of(old) != instance_of(new)
    of_both = 0
    for logger in (old, new):
        written = count_rows(tmp_path, f"*.{instance_of(logger)}.csv")
        logger.wait_for_line(rf"stopped; {written} rows written")
        of_both += written
    assert count_rows(tmp_path) == of_both


def test_a_logger_that_was_killed_leaves_its_file_to_itself(
    logger_folder: Path, tmp_path: Path
) -> None:
    """The next one begins a file of its own; what was there is not touched again."""
    with running_logger(logger_folder, tmp_path, **FAST) as logger:
        logger.wait_until(lambda: count_rows(tmp_path) >= 5)
        logger.kill()
    before = contents(tmp_path)
    with running_logger(logger_folder, tmp_path, **FAST) as logger:
        wait_for_own_rows(logger, tmp_path)
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORT", "99999"),
        ("PRICE_SOURCES", "mtgox"),
        ("SNAPSHOT_TOKEN", "secret token"),
        ("LOGGER_COMMAND", "python 'my_logger.py"),
        ("LOGGER_COMMAND", "no-such-logger --fast"),
    ],
)
def test_a_bad_setting_ends_the_start_and_is_named(
    logger_folder: Path, tmp_path: Path, variable: str, value: str
) -> None:
    """Exit code 2, and nothing was written; what a secret held is not shown."""
    data = tmp_path / "data"
    settings = {"DATA_DIR": str(data), "PORT": "0", variable: value}
    ended = run_job(logger_folder, "main.py", settings=settings)
    assert ended.returncode == 2
    assert f"{variable}: " in ended.stdout
    assert "secret" not in ended.stdout + ended.stderr
    assert not data.exists()


def test_a_port_that_is_taken_is_named(logger_folder: Path, tmp_path: Path) -> None:
    """Exit code 2 and one line, not a trace."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        settings = {"DATA_DIR": str(tmp_path), "HOST": "127.0.0.1", "PORT": port}
        ended = run_job(logger_folder, "main.py", settings=settings)
    assert (ended.returncode, ended.stderr) == (2, "")
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in ended.stdout


def test_a_host_that_is_none_is_named(logger_folder: Path, tmp_path: Path) -> None:
    """Exit code 2 and one line, not a trace."""
    settings = {"DATA_DIR": str(tmp_path), "HOST": "999.1.1.1", "PORT": "0"}
    ended = run_job(logger_folder, "main.py", settings=settings)
    assert (ended.returncode, ended.stderr) == (2, "")
    assert "HOST, PORT: cannot listen on 999.1.1.1:0" in ended.stdout


def test_a_host_by_name_is_listened_to(logger_folder: Path, tmp_path: Path) -> None:
    """On each of its addresses, and all of them are told."""
    settings = {"DATA_DIR": str(tmp_path), "HOST": "localhost", "PORT": "0"}
    with running(logger_folder, ["main.py"], settings | {"PRICE_SOURCES": "replay"}) as logger:
        logger.wait_for_line(r"listens on (127\.0\.0\.1|::1):\d+")


def test_a_data_directory_that_is_a_file_is_a_bad_setting(
    logger_folder: Path, tmp_path: Path
) -> None:
    """The path is named, and the file stays."""
    data = tmp_path / "data"
    data.write_bytes(b"a file")
    ended = run_job(logger_folder, "main.py", settings={"DATA_DIR": str(data), "PORT": "0"})
    assert ended.returncode == 2
    assert f"DATA_DIR: {data} cannot be made a directory: File exists" in ended.stdout
    assert data.read_bytes() == b"a file"


def test_settings_may_stand_in_a_file_beside_the_program(tmp_path: Path) -> None:
    """`.env` in the folder that it starts in; the environment goes before it."""
    folder = copy_job("logger_service", tmp_path)
    lines = [
        "HOST=127.0.0.1",
        "PORT=0",
        "PRICE_SOURCES=replay",
        "LOG_INTERVAL_SECONDS=3600",
        "SERVICE_NAME=from-the-file",
        f"DATA_DIR={tmp_path / 'elsewhere'}",
    ]
    (folder / ".env").write_text("\n".join(lines))
    settings = {"SNAPSHOT_TOKEN": TOKEN, "DATA_DIR": str(tmp_path / "data")}
    with running(folder, ["main.py"], settings) as logger:
        logger.url = f"http://127.0.0.1:{logger.wait_for_line('listens on 127.0.0.1:(.+)')[1]}"
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        snapshot = logger.request("GET", "/snapshot", headers=bearer).json()
    assert snapshot["service"] == "from-the-file"
    assert (tmp_path / "data").is_dir()
    assert not (tmp_path / "elsewhere").exists()
