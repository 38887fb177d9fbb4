"""A logger that is asked to end while it is still being imported, as a container's first process.

The kernel leaves such a process alone where it has no handler: as one that ignores the signal.
"""

import signal
from pathlib import Path

import pytest

from job_processes import running
from processes import copy_job

IGNORING = ["sh", "-c", 'trap "" TERM INT; exec "$@"', "sh"]
SLOW_MODULE = """
import threading
print("it is being imported", flush=True)
threading.Event().wait()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_at_once_and_writes_nothing(tmp_path: Path, number: signal.Signals) -> None:
    """The exit code is a shell's for the signal."""
    folder = copy_job("logger_service", tmp_path / "deployed")
    (folder / "lifetime.py").write_text(SLOW_MODULE)
    settings = {"DATA_DIR": str(tmp_path / "data")}
    with running(folder, ["main.py"], settings, IGNORING) as logger:
        logger.expected_code = 128 + number
        logger.wait_for_line("^it is being imported$")
        assert logger.end(number) == 128 + number
    assert not (tmp_path / "data").exists()
