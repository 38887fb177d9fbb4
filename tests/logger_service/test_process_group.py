import errno
import os
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest

from programs import PATIENCE_SECONDS, lines_of, wait_until, words
from writing.process_group import ProcessGroup

has_subreapers = pytest.mark.skipif(sys.platform != "linux", reason="orphans always go to init")

_ROOT = Path(__file__).resolve().parent.parent.parent
_BECOME_FIRST = "import ctypes; ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)\n"  # a subreaper
_END_A_GROUP = """
import os, signal
from writing.process_group import ProcessGroup
group = ProcessGroup(["sh", "-c", "sleep 60 & sleep 60 & exit 3"], os.environ)
assert group.wait() == 3
group.end(10)
"""


def run(script: str) -> None:
    """Run a script with the logger's modules at hand."""
    subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(_ROOT / "logger_service"), "PATH": "/usr/bin:/bin"},
        timeout=PATIENCE_SECONDS,
        check=True,
    )


@has_subreapers
def test_the_first_process_of_a_container_leaves_no_zombies() -> None:
    """Orphans become its children, and one or two a minute would fill the table in days."""
    run(
        _BECOME_FIRST
        + _END_A_GROUP
        + """
try:
    raise SystemExit(f"still a child: {os.waitpid(-1, os.WNOHANG)}")
except ChildProcessError:
    pass
"""
    )


@has_subreapers
def test_a_zombie_counts_as_gone() -> None:
    """Where nobody takes the exit codes of orphans, a restart would wait for ever."""
    inner = _END_A_GROUP + "os.killpg(group._program.pid, 0)  # the zombies are there\n"
    run(
        _BECOME_FIRST
        + f"""
import subprocess, sys
subprocess.run([sys.executable, "-c", {inner!r}], check=True)
"""
    )


def test_it_is_asked_once_to_end(tmp_path: Path) -> None:
    """For many programs a second SIGTERM means to drop everything."""
    program = """
        signal.signal(signal.SIGTERM, lambda *_: append("asked", "to end"))
        append("asked", "nothing")
        until((data / "may-end").exists)
    """
    group = ProcessGroup(words(program), {"DATA_DIR": str(tmp_path)})
    wait_until(lambda: lines_of(tmp_path / "asked") == ["nothing"])
    ending = [Thread(target=group.end, args=(30,)) for _ in range(2)]
    for thread in ending:
        thread.start()
    wait_until(lambda: len(lines_of(tmp_path / "asked")) > 1)
    (tmp_path / "may-end").touch()
    for thread in ending:
        thread.join()
    group.end(30)
    assert lines_of(tmp_path / "asked") == ["nothing", "to end"]
    assert group.wait() == 0


def test_processes_that_are_hidden_from_us_are_none_of_the_group(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where /proc is mounted with hidepid, it names other people's processes and no more."""
    read = Path.read_bytes

    def hidden(path: Path) -> bytes:
        if path == Path("/proc/1/stat"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", hidden)
    leaver = (
        "import subprocess, sys;"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])"
    )
    group = ProcessGroup([sys.executable, "-c", leaver], {})
    assert group.wait() == 0
    group.end(PATIENCE_SECONDS)
