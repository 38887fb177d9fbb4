"""The measurements of the start and of the beat: they measure, and they notice."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import start_time, ticks
from benchmarks.start_time import shortfalls
from benchmarks.ticks import judge

ON_TIME = [100.0 + second + 0.01 for second in range(20)]  # a row each second


def test_every_second_with_a_row_is_no_miss() -> None:
    """Rows outside of the step do not count."""
    assert judge(ON_TIME, 104.5, 110.5) == {"ticks": 5, "missed": 0, "latest_seconds": 0.01}


def test_a_second_without_a_row_is_missed() -> None:
    """Also where the row came in the next one."""
    late = [*ON_TIME[:7], 108.2, *ON_TIME[8:]]
    assert judge(late, 104.5, 110.5)["missed"] == 1


def test_the_latest_row_is_told() -> None:
    """In seconds after its second began."""
    late = [*ON_TIME[:7], 107.9, *ON_TIME[8:]]
    assert judge(late, 104.5, 110.5) == {"ticks": 5, "missed": 0, "latest_seconds": 0.9}


@pytest.mark.parametrize(("seconds", "faults"), [(35.0, 0), (60.0, 1)])
def test_a_first_row_after_the_limit_is_a_fault(seconds: float, faults: int) -> None:
    """A chunk that was begun may end after it, and the programs have to start."""
    figures = {"1000": {"30": {"first_row": seconds, "whole_history": 90.0}}}
    assert len(shortfalls(figures)) == faults


def run(script: object, *words: str) -> tuple[int, dict[str, object]]:
    """Its exit code, and the figures in its last line."""
    place = str(Path(getattr(script, "__file__")))  # noqa: B009  a module
    done = subprocess.run(
        [sys.executable, place, *words], capture_output=True, text=True, check=False
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout.splitlines()[-1])


def test_the_time_to_the_first_row_is_measured_for_each_size() -> None:
    """With nothing to restore, and with each limit."""
    _, told = run(start_time, "2m")
    figures = told["seconds_to_first_row"]
    assert isinstance(figures, dict)
    assert figures.keys() == {"0", "2000000"}
    assert figures["2000000"].keys() == {"30", "2", "3600"}


def test_the_ticks_beside_each_step_are_counted() -> None:
    """Pull, push and restore bring every byte, and a missed tick is a failure.

    Whether any is missed tells a machine that does nothing else.
    """
    code, figures = run(ticks, "--size", "2m")
    assert figures["identical"]
    assert code == bool(figures["missed"])
    assert figures["steps"].keys() == {"push", "pull", "restore", "idle"}  # type: ignore[attr-defined]
