"""The measurement of the logger's answers: it measures, and it notices."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import slow_page
from benchmarks.slow_page import FIRST, IN_CHROMIUM, QUESTIONS, shortfalls
from browser.chromium import is_there


@pytest.mark.parametrize(
    ("name", "faults"), [("/backup/list", 1), ("/dashboard", 0), ("/metrics", 0)]
)
def test_a_limited_answer_that_takes_too_long_is_a_fault(name: str, faults: int) -> None:
    """Only people wait for a page."""
    quick = dict.fromkeys(QUESTIONS, 0.01)
    assert shortfalls({"median_seconds": quick}) == []
    assert len(shortfalls({"median_seconds": {**quick, name: 0.3}})) == faults


@pytest.mark.parametrize(("name", "most"), [("/dashboard", 0.5), (IN_CHROMIUM, 0.5), (FIRST, 1.0)])
def test_the_dashboard_has_half_a_second(name: str, most: float) -> None:
    """Also in a browser; the first one, beside the start, has a whole one."""
    assert shortfalls({"median_seconds": {"/health": 0.01, name: most}}) == []
    assert len(shortfalls({"median_seconds": {"/health": 0.01, name: most + 0.01}})) == 1


def test_every_answer_is_timed_beside_data_and_backups() -> None:
    """In both providers, and the ticks are counted.

    Whether that is quick enough tells a machine that does nothing else.
    """
    script = str(Path(slow_page.__file__))
    words = ["--days", "2", "--backups", "3", "--times", "1"]
    done = subprocess.run(
        [sys.executable, script, *words], capture_output=True, text=True, check=False
    )
    faults = [line for line in done.stderr.splitlines() if " s, and may take " not in line]
    assert not faults, done.stdout + done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    in_chromium = {IN_CHROMIUM} if is_there() else set()
    assert figures["median_seconds"].keys() == {*QUESTIONS, FIRST, *in_chromium}
    assert (figures["days"], figures["backups"]) == (2, 3)
    assert figures["ticks"] > 0
