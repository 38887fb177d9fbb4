"""The measurement of the logger's answers: it measures, and it notices."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import slow_page
from benchmarks.slow_page import QUESTIONS, shortfalls


@pytest.mark.parametrize(("name", "faults"), [("/backup/list", 1), ("/metrics", 0)])
def test_a_limited_answer_that_takes_too_long_is_a_fault(name: str, faults: int) -> None:
    """Only people wait for a page."""
    quick = dict.fromkeys(QUESTIONS, 0.01)
    assert shortfalls({"median_seconds": quick}) == []
    assert len(shortfalls({"median_seconds": {**quick, name: 0.3}})) == faults


def test_every_answer_is_timed_beside_data_and_backups() -> None:
    """In both providers; no tick is missed for it."""
    script = str(Path(slow_page.__file__))
    words = ["--days", "2", "--backups", "3", "--times", "1"]
    done = subprocess.run(
        [sys.executable, script, *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["median_seconds"].keys() == QUESTIONS.keys()
    assert (figures["days"], figures["backups"], figures["ticks_missed"]) == (2, 3, 0)
    assert figures["ticks"] > 0
