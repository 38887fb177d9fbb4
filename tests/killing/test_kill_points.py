"""A job can be killed exactly before the n-th of its durable calls, and nothing else changes."""

import signal
from pathlib import Path

import pytest

from job_processes import JobProcess
from killing.points import COUNT_ONLY, Point, Trap
from killing.sitecustomize import KILL_BEFORE

JOB = """
import os, pathlib, sys
root = pathlib.Path(sys.argv[1])
new, kept = root / "new", root / "kept"
with new.open("xb") as file:
    file.write(b"whole")
    file.flush()
    os.fsync(file.fileno())
os.link(new, kept)
new.replace(root / "moved")
kept.unlink()
"""
POINTS = [
    Point("write", "new"),
    Point("torn write", "new"),
    Point("fsync", "new"),
    Point("link", "kept"),
    Point("rename", "moved"),
    Point("unlink", "kept"),
]
LEFT = [
    {"new": b""},
    {"new": b"wh"},
    {"new": b"whole"},
    {"new": b"whole"},
    {"new": b"whole", "kept": b"whole"},
    {"moved": b"whole", "kept": b"whole"},
]
DONE = {"moved": b"whole"}


def run(root: Path, settings: dict[str, str], folder: Path) -> int:
    """Run the job's calls below `root`; its exit code."""
    root.mkdir()
    process = JobProcess(folder, ["-c", JOB, str(root)], settings)
    try:
        return process.wait()
    finally:
        process.kill()


def files(root: Path) -> dict[str, bytes]:
    """What is left."""
    return {place.name: place.read_bytes() for place in root.iterdir()}


@pytest.mark.parametrize("number", range(1, len(POINTS) + 1))
def test_it_is_killed_before_the_nth_call(tmp_path: Path, number: int) -> None:
    """All calls before it are done, the n-th is not, and within a write half of it is."""
    root, trap = tmp_path / "root", Trap(tmp_path, number)
    code = run(root, {"DATA_DIR": str(root), **trap.settings}, tmp_path)
    assert code == -signal.SIGKILL
    assert trap.points("") == POINTS[:number]
    assert files(root) == LEFT[number - 1]


def test_a_run_can_be_counted_without_a_kill(tmp_path: Path) -> None:
    """It does all that it would do, and tells its points."""
    root, trap = tmp_path / "root", Trap(tmp_path, COUNT_ONLY)
    assert run(root, {"DATA_DIR": str(root), **trap.settings}, tmp_path) == 0
    assert trap.points("") == POINTS
    assert files(root) == DONE


def test_calls_that_concern_other_folders_are_free(tmp_path: Path) -> None:
    """Logs and temporary files of servers are not what a job has to keep."""
    root, trap = tmp_path / "root", Trap(tmp_path, 1)
    settings = {"DATA_DIR": str(tmp_path / "data"), **trap.settings}
    assert run(root, settings, tmp_path) == 0
    assert trap.points("") == []
    assert files(root) == DONE


def test_without_its_variable_nothing_is_wrapped(tmp_path: Path) -> None:
    """The folder on PYTHONPATH alone does no harm."""
    root, trap = tmp_path / "root", Trap(tmp_path, 1)
    settings = {name: value for name, value in trap.settings.items() if name != KILL_BEFORE}
    assert run(root, {"DATA_DIR": str(root), **settings}, tmp_path) == 0
    assert trap.points("") == []
    assert files(root) == DONE
