"""The ledger has what a recorder put on disk, and nothing else."""

import signal
from pathlib import Path

import pytest

from job_processes import JobProcess
from soak.ledger import Ledger
from soak.sitecustomize import LEDGER
from soak.world import INJECTED

HEADER = "ts_utc,source"
FIRST, SECOND = "2026-11-22T20:30:00.214Z,a", "2026-11-22T20:30:05.300Z,a"
NAME = "2026-11-22.1a2b3c4d.csv"

_OPEN = """
import os, signal, sys
from pathlib import Path
folder = Path("BTC-USD")
folder.mkdir()
def begin(name):
    return os.open(folder / name, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND)
def put(descriptor, text):
    os.write(descriptor, text.encode())
    os.fsync(descriptor)
"""


def ledger_of(folder: Path, lines: str, code: int = 0) -> Ledger:
    """What it has after a process has done that."""
    folder.mkdir()
    settings = {
        "PYTHONPATH": str(INJECTED),
        LEDGER: str(folder / "ledger"),
        "RENDER_INSTANCE_ID": "a-disk",
    }
    process = JobProcess(folder, ["-c", _OPEN + lines], settings)
    try:
        assert process.wait() == code, process.output
    finally:
        process.kill()
    ledger = Ledger(folder / "ledger")
    ledger.read()
    return ledger


def test_it_has_each_row_that_was_synced(tmp_path: Path) -> None:
    """With its disk, its file and its time; the header is a line, and no row."""
    written = f'put(begin("{NAME}"), "{HEADER}\\n{FIRST}\\n{SECOND}\\n")'
    ledger = ledger_of(tmp_path / "job", written)
    assert [(row.disk, row.file, row.text) for row in ledger.rows] == [
        ("a-disk", f"BTC-USD/{NAME}", FIRST),
        ("a-disk", f"BTC-USD/{NAME}", SECOND),
    ]
    assert ledger.lines == {f"BTC-USD/{NAME}": [HEADER, FIRST, SECOND]}
    assert ledger.loggers == {"1a2b3c4d": "a-disk"}
    assert ledger.rows[1].time - ledger.rows[0].time == pytest.approx(5.086)


def test_it_lacks_what_was_not_synced(tmp_path: Path) -> None:
    """And half a row counts once it is whole."""
    written = f"""
file = begin("{NAME}")
put(file, "{HEADER}\\n{FIRST[:9]}")
put(file, "{FIRST[9:]}\\n")
os.write(file, b"{SECOND}\\n")
"""
    ledger = ledger_of(tmp_path / "job", written)
    assert [row.text for row in ledger.rows] == [FIRST]


def test_a_kill_leaves_what_was_synced_before(tmp_path: Path) -> None:
    """It is written down at once."""
    killed = f'put(begin("{NAME}"), "{FIRST}\\n"); os.kill(os.getpid(), signal.SIGKILL)'
    ledger = ledger_of(tmp_path / "job", killed, -signal.SIGKILL)
    assert [row.text for row in ledger.rows] == [FIRST]


def test_what_a_restore_brings_is_not_recorded(tmp_path: Path) -> None:
    """Neither a file that gets its name when it is whole, nor one that is completed."""
    restored = f"""
file = begin("incoming")
put(file, "{FIRST}\\n")
os.rename(folder / "incoming", folder / "{NAME}")
put(file, "{SECOND}\\n")
put(os.open(folder / "{NAME}", os.O_WRONLY | os.O_APPEND), "{SECOND}\\n")
"""
    assert ledger_of(tmp_path / "job", restored).rows == []


def test_it_can_be_read_while_it_grows(tmp_path: Path) -> None:
    """A line that has no end yet comes next time."""
    ledger = ledger_of(tmp_path / "job", f'put(begin("{NAME}"), "{FIRST}\\n")')
    with (tmp_path / "job" / "ledger").open("a") as file:
        file.write(f"1.0\tother-disk\tBTC-USD/x.5e6f7a8b.csv\t{SECOND[:9]}")
        file.flush()
        ledger.read()
        assert len(ledger.rows) == 1
        file.write(f"{SECOND[9:]}\n")
    ledger.read()
    assert [row.text for row in ledger.rows] == [FIRST, SECOND]
