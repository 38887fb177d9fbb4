"""How the logger ends when its end does not go as it should: in time, and nothing outlives it."""

import signal
from pathlib import Path
from time import monotonic

import pytest

from emulators.storage import StorageFake
from emulators.storage_faults import Fault, FaultKind
from job_processes import JobProcess, running_logger
from jobs.own_archive import in_bucket, local_archive
from programs import is_locked, source
from shared.history import numbers

STUBBORN = """
    lock()
    exec(IGNORE_SIGTERM)
    start_worker(IGNORE_SIGTERM + "for_ever()")
    print("it records")
    for_ever()
"""
HANGING_DISK = """
import os, threading

def hang(descriptor, sync=os.fsync):
    if os.path.exists(os.environ["DATA_DIR"] + "/hang"):
        print("the disk hangs", flush=True)
        threading.Event().wait()
    sync(descriptor)

os.fsync = hang
"""
HANGING_EXCHANGE = """
import socket, threading

def hang(host, *more, ask=socket.getaddrinfo, **options):
    if str(host).endswith("coinbase.com"):
        print("the exchange hangs", flush=True)
        threading.Event().wait()
    return ask(host, *more, **options)

socket.getaddrinfo = hang
"""
FAST = {"LOG_INTERVAL_SECONDS": "0.02"}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data directory."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def stubborn(data: Path) -> dict[str, str]:
    """Settings for a program that does not end by itself, nor does what it has started."""
    path = data.parent / "stubborn.py"
    path.write_text(source(STUBBORN))
    return {"LOGGER_COMMAND": f"python3 {path}"}


def send_a_second(logger: JobProcess, number: signal.Signals) -> int:
    """The signal that comes after the first has been taken, and the exit code."""
    logger.wait_for_line("the end begins$")
    began = monotonic()
    logger.wait_until(lambda: monotonic() - began > 0.2)  # sooner it counts as the same
    return logger.end(number)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_it_and_its_program_at_once(
    logger_folder: Path, data: Path, number: signal.Signals
) -> None:
    """Exit code 128 and the signal's number; the log tells what was under way."""
    with running_logger(logger_folder, data, **stubborn(data)) as logger:
        logger.wait_for_line("^it records$")
        logger.expected_code = 128 + number
        logger.send(signal.SIGTERM)
        assert send_a_second(logger, number) == 128 + number
    logger.wait_for_line(
        f" CRITICAL ended at once by a second signal, {number.name}, "
        "in the middle of stopping the writer$"
    )
    assert not is_locked(data)


def test_a_program_that_does_not_end_leaves_time_for_the_push(
    logger_folder: Path, data: Path
) -> None:
    """It has two fifths of the whole time, and what it wrote is pushed."""
    with running_logger(
        logger_folder, data, **stubborn(data), SHUTDOWN_SECONDS="2", BACKUP_INCLUDE="lock"
    ) as logger:
        logger.wait_for_line("^it records$")
        assert logger.end() == 0
    logger.wait_for_line("did not end within 0.8 s of SIGTERM and is killed$")
    assert numbers(local_archive(data)) == [1]
    assert not is_locked(data)


def test_a_second_signal_breaks_a_push_off(
    logger_folder: Path, data: Path, storage: StorageFake
) -> None:
    """With nothing half committed: the manifest is what counts, and it comes last."""
    stall = storage.plan(Fault(FaultKind.STALL, "list", times=None))
    with running_logger(logger_folder, data, **FAST, **in_bucket(storage)) as logger:
        logger.wait_until(lambda: any(data.rglob("*.csv")))
        logger.expected_code = 128 + signal.SIGTERM
        logger.send(signal.SIGTERM)
        logger.wait_until(lambda: stall.fired > 0)
        assert send_a_second(logger, signal.SIGTERM) == 128 + signal.SIGTERM
    logger.wait_for_line("in the middle of the final push$")
    assert storage.objects("bucket") == {}


def test_a_disk_that_hangs_does_not_hold_the_end(
    logger_folder: Path, data: Path, tmp_path: Path
) -> None:
    """The platform would kill it anyway, without a word; exit code 1."""
    (tmp_path / "sitecustomize.py").write_text(HANGING_DISK)
    settings = FAST | {"SHUTDOWN_SECONDS": "1", "PYTHONPATH": str(tmp_path)}
    with running_logger(logger_folder, data, **settings) as logger:
        logger.expected_code = 1
        logger.wait_until(lambda: any(data.rglob("*.csv")))
        (data / "hang").touch()
        logger.wait_for_line("^the disk hangs$")
        assert logger.end() == 1
    logger.wait_for_line(" CRITICAL ended at once after 1 s, in the middle of stopping the writer$")


def test_an_exchange_that_hangs_leaves_time_for_the_push(
    logger_folder: Path, data: Path, tmp_path: Path
) -> None:
    """The tick under way is waited for, but not for all the time that there is."""
    (tmp_path / "sitecustomize.py").write_text(HANGING_EXCHANGE)
    (data / "day.csv").write_bytes(b"a row\n")
    settings = {"PRICE_SOURCES": "coinbase", "LOG_INTERVAL_SECONDS": "5"}
    settings |= {"SHUTDOWN_SECONDS": "2", "PYTHONPATH": str(tmp_path), "BACKUP_EXCLUDE": ""}
    with running_logger(logger_folder, data, **settings) as logger:
        logger.wait_for_line("^the exchange hangs$")
        assert logger.end() == 0
    assert numbers(local_archive(data)) == [1]


def test_a_signal_during_the_start_ends_it_in_order(logger_folder: Path, data: Path) -> None:
    """Before the first row, and nothing has to be saved."""
    for _ in range(5):
        with running_logger(logger_folder, data, **FAST) as logger:
            assert logger.end() == 0
        logger.wait_for_line(r"stopped; \d+ rows written")


def test_a_server_that_ends_by_itself_costs_no_row(
    logger_folder: Path, data: Path, tmp_path: Path
) -> None:
    """The writer stops in order, what it wrote is pushed, and the exit code is 1."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os, time\n"
        "import waitress.server\n"
        "def run(server):\n"
        "    while not os.path.exists(os.environ['DATA_DIR'] + '/end'):\n"
        "        time.sleep(0.01)\n"
        "waitress.server.TcpWSGIServer.run = run\n"
    )
    with running_logger(logger_folder, data, **FAST, PYTHONPATH=str(tmp_path)) as logger:
        logger.expected_code = 1
        logger.wait_until(lambda: any(data.rglob("*.csv")))
        (data / "end").touch()
        assert logger.wait() == 1
    logger.wait_for_line(" CRITICAL the web server has ended by itself$")
    logger.wait_for_line("no signal: the end begins$")
    assert numbers(local_archive(data)) == [1]
