"""A job can be killed exactly before the n-th of its durable calls, and nothing else changes."""

import signal
from collections.abc import Sequence
from pathlib import Path

import pytest

from job_processes import JobProcess
from killing.points import COUNT_ONLY, Point, Trap, one_of_each_call, one_of_each_kind
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
GROW = """
import os, sys, threading
from pathlib import Path
place = Path(sys.argv[1]) / "grown"
def grow():
    with os.fdopen(os.open(place, os.O_RDWR | os.O_APPEND | os.O_CREAT), "r+b", 0) as file:
        file.write(b"rows")
thread = threading.Thread(target=grow, name=sys.argv[2])
thread.start()
thread.join()
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


def run(
    root: Path, settings: dict[str, str], folder: Path, words: Sequence[str] = ("-c", JOB)
) -> int:
    """Run the job's calls below `root`; its exit code."""
    root.mkdir()
    process = JobProcess(folder, [*words[:2], str(root), *words[2:]], settings)
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


def test_growing_where_it_lies_is_a_point(tmp_path: Path) -> None:
    """As a running logger completes a file: within the write, half of it is there."""
    root, trap = tmp_path / "root", Trap(tmp_path, 2)
    words = ("-c", GROW, "any thread")
    code = run(root, {"DATA_DIR": str(root), **trap.settings}, tmp_path, words)
    assert code == -signal.SIGKILL
    assert trap.points("") == [Point("write", "grown"), Point("torn write", "grown")]
    assert files(root) == {"grown": b"ro"}


def test_the_recorder_is_free(tmp_path: Path) -> None:
    """Its rows come by the clock, so they would be other points in each run."""
    root, trap = tmp_path / "root", Trap(tmp_path, 1)
    words = ("-c", GROW, "recorder")
    assert run(root, {"DATA_DIR": str(root), **trap.settings}, tmp_path, words) == 0
    assert trap.points("") == []


def test_only_what_is_named_is_watched(tmp_path: Path) -> None:
    """Settings name the folders."""
    root, trap = tmp_path / "root", Trap(tmp_path, 1, "LOCAL_BACKUP_DIR")
    assert run(root, {"DATA_DIR": str(root), **trap.settings}, tmp_path) == 0
    assert trap.points("") == []


def test_one_program_can_be_killed_alone(tmp_path: Path) -> None:
    """Its starter goes on, and what that does itself is free."""
    (tmp_path / "job.py").write_text(JOB)
    starts = "import subprocess, sys; r = sys.argv[1]; open(r + '/own', 'wb').write(b'own');"
    starts += "sys.exit(-subprocess.call([sys.executable, 'job.py', r]))"
    root, trap = tmp_path / "root", Trap(tmp_path, 3, program="job.py")
    settings = {"DATA_DIR": str(root), **trap.settings}
    assert run(root, settings, tmp_path, ("-c", starts)) == signal.SIGKILL
    assert trap.points("") == POINTS[:3]
    assert files(root) == {"own": b"own", "new": b"whole"}


def test_of_each_kind_of_point_one_is_chosen() -> None:
    """In turn the first and the last, whatever the chunk's name."""
    chunks = [Point("link", f"chunks/{number:02}/{number:064}.zst") for number in range(3)]
    points = [Point("fsync", "a"), Point("write", "in/*"), *chunks, Point("fsync", "a")]
    assert list(one_of_each_kind(points)) == [1, 2, 3]
    assert list(one_of_each_kind(points, since=2)) == [2, 5, 6]
    assert list(one_of_each_call([*points, Point("write", "b")])) == [1, 3, 7]
