import json
import os
import signal
import subprocess
import sys
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

import psutil
import pytest

from benchmarks import measured_steps, memory
from benchmarks.measured_steps import Failed
from benchmarks.price_history import parse_size, write_history
from processes import ROOT
from shared.chunk import digest, spans
from system import LocalSystem

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="peaks are read from /proc")

MEMORY = str(Path(memory.__file__))
SIZE = 8_000_000
GOOD: dict[str, Any] = {
    "pull": {"function": 100.0, "logger": 90.0},
    "push": {"logger": 100.0},
    "drill": {"function": 100.0, "read_twice": 0},
    "restore": {"restore_job": 100.0},
    "fetched_twice": 0,
    "identical": True,
}


class Measured:
    """A run that is over, or is ended by a signal once it says it has come so far."""

    def __init__(self, *words: str, until: str = "") -> None:
        with subprocess.Popen(
            [sys.executable, MEMORY, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            self.process_id = process.pid
            assert process.stdout
            said = []
            for line in process.stdout:
                said.append(line)
                if until and line.startswith(until):
                    process.send_signal(signal.SIGTERM)
            _, self.errors = process.communicate()
            self.lines = said
            self.exit_code = process.returncode

    @property
    def figures(self) -> dict[str, Any]:
        """Its last line."""
        figures: dict[str, Any] = json.loads(self.lines[-1])
        return figures

    def left_behind(self) -> list[str]:
        """What is still there of its folder, and of the processes that know the folder."""
        name = f"memory-{self.process_id}-"
        folders = [str(path) for path in (ROOT / ".local").glob(f"{name}*")]
        return folders + [str(one) for one in psutil.process_iter() if name in _environment(one)]


def _environment(process: psutil.Process) -> str:
    try:
        return str(process.environ())
    except psutil.Error:  # it has ended meanwhile, or is another user's
        return ""


@pytest.fixture(scope="module")
def measured() -> Measured:
    """Started once: its tests only look."""
    return Measured("--size", "8m")


def test_it_tells_the_peak_of_each_role_in_each_step(measured: Measured) -> None:
    """Its last line is one JSON object, and no peak is so small that another process was meant."""
    assert measured.exit_code == 0, measured.errors
    figures = measured.figures
    peaks = [figures[step][role] for step, roles in memory.ROLES.items() for role in roles]
    assert len(peaks) == 5
    assert all(30 < peak <= 150 for peak in peaks), figures
    assert (figures["size"], figures["files"], figures["limit"]) == (SIZE, 2, 150)
    assert figures["pull"]["calls"] >= 1
    assert figures["drill"]["calls"] >= 1
    assert all(figures[step]["seconds"] > 0 for step in memory.ROLES)
    assert figures["simulated"] == ["Cloud Storage"]


def test_every_byte_goes_once_and_comes_back(measured: Measured) -> None:
    """Over however many calls."""
    figures = measured.figures
    assert figures["identical"] is True
    assert figures["fetched_twice"] == figures["drill"]["read_twice"] == 0


def test_it_leaves_nothing_behind(measured: Measured) -> None:
    """Neither a folder nor a process."""
    assert measured.left_behind() == []


def test_ended_by_a_signal_it_leaves_nothing_behind() -> None:
    """Logger and function stop, and the data goes."""
    ended = Measured("--size", "8m", until="pull")
    assert ended.exit_code == 1
    assert not any(line.startswith("{") for line in ended.lines)
    assert ended.left_behind() == []


def test_a_peak_above_the_limit_fails() -> None:
    """The figures are told all the same, and each peak that is too high by name."""
    run = Measured("--size", "500k", "--limit", "1")
    assert run.exit_code == 1
    assert run.figures["identical"] is True
    assert run.errors.count("at most 1 expected") == 5
    assert run.left_behind() == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"push": {"logger": 150.1}}, "push: logger took 150.1 MB"),
        ({"restore": {"restore_job": 151}}, "restore: restore_job took 151 MB"),
        ({"fetched_twice": 1}, "pull: 1 bytes more"),
        ({"drill": {"function": 1, "read_twice": 7}}, "drill: 7 bytes more"),
        ({"identical": False}, "differ"),
    ],
)
def test_each_figure_can_fall_short(change: dict[str, Any], named: str) -> None:
    """One is enough."""
    assert memory.shortfalls(GOOD, 150) == []
    (fault,) = memory.shortfalls(GOOD | change, 150)
    assert named in fault


class ScriptedSystem(LocalSystem):
    """A function that answers as it is told to; its peak is this process's."""

    def __init__(self, folder: Path, answers: list[tuple[str, int]]) -> None:
        super().__init__(folder, "local", {})
        self._answers = iter(answers)

    def start(self) -> None:
        """There is nothing to start."""

    def process_id(self, job: str) -> int:
        """This one, whatever the job."""
        del job
        return os.getpid()

    def fire(self, action: str = "backup") -> dict[str, Any]:
        """The next answer."""
        assert action == "backup"
        result, new = next(self._answers)
        report = {"result": result, "files": 1, "new_bytes": new}
        return {"status": 200, "answer": report, "seconds": 0.5}


def test_a_pull_goes_on_until_it_is_whole(tmp_path: Path) -> None:
    """Calls that bring only a part are followed by another one, and bytes are counted in all."""
    answers = [("partial", 30), ("partial", 0), ("partial", 50), ("created", 25)]
    figures = measured_steps.pull(ScriptedSystem(tmp_path, answers), 100)
    assert (figures["calls"], figures["seconds"], figures["read_twice"]) == (4, 2.0, 5)


def test_a_pull_that_no_longer_gets_on_is_given_up(tmp_path: Path) -> None:
    """Instead of being asked for ever."""
    answers = [("partial", 30), *[("partial", 0)] * measured_steps.IDLE_CALLS]
    with pytest.raises(Failed, match="in a row read nothing"):
        measured_steps.pull(ScriptedSystem(tmp_path, answers), 100)


@pytest.mark.parametrize(
    ("text", "size"), [("1g", 10**9), ("64M", 64 * 10**6), ("500k", 500_000), ("4096", 4096)]
)
def test_a_size_is_what_a_person_writes(text: str, size: int) -> None:
    """With a unit or without."""
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "0", "0g", "-1m", "1.5g", "g", "1t", "1 g", "٣m"])
def test_what_is_no_size_is_refused(text: str) -> None:
    """With an example of one."""
    with pytest.raises(ArgumentTypeError, match="is not a size such as 1g"):
        parse_size(text)


def test_what_does_not_fit_on_the_disk_is_not_begun() -> None:
    """It says what is needed and what there is."""
    run = Measured("--size", "1000000g")
    assert run.exit_code == 2
    assert "too little disk: 2,000,000,200,000,000 bytes are needed" in run.errors
    assert (run.lines, run.left_behind()) == ([], [])


@pytest.mark.parametrize("size", [1, 99, 500_000, 20_000_000])
def test_a_history_has_the_size_asked_for_and_no_chunk_twice(tmp_path: Path, size: int) -> None:
    """Whole days of rows, the last one cut, and a quarter that is noise."""
    write_history(tmp_path / "history", size)
    contents = {path.name: path.read_bytes() for path in (tmp_path / "history").iterdir()}
    assert sum(len(content) for content in contents.values()) == size
    assert size // 4 <= len(contents.pop("noise.csv")) <= size // 4 + 100
    assert all(content.endswith(b"\n") for content in contents.values())
    chunks = [
        digest(raw[at : at + length]) for raw in contents.values() for at, length in spans(len(raw))
    ]
    assert len(chunks) == len(set(chunks)) >= size // 6_500_000
