"""The measurement of the function's first answer: it measures, and it notices."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import cold_start
from benchmarks.cold_start import ACTIONS, HELLO, MOST, WITH_STORAGE, shortfalls


@pytest.mark.parametrize("action", ACTIONS)
def test_a_first_answer_that_takes_too_long_is_a_fault(action: str) -> None:
    """Compared with a function that does nothing, whatever the machine."""
    quick = dict.fromkeys(ACTIONS, MOST)
    assert shortfalls({"ratios": quick}) == []
    (fault,) = shortfalls({"ratios": {**quick, action: MOST + 0.1}})
    assert fault.startswith(f"{action}: ")


def test_every_action_is_started_beside_the_peers() -> None:
    """Its figures are in the last line; what takes long to import is named.

    Whether that is quick enough tells a machine that does nothing else.
    """
    words = [sys.executable, str(Path(cold_start.__file__)), "--times", "1"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == bool(shortfalls(figures)), done.stdout + done.stderr
    assert figures["seconds"].keys() == {HELLO, WITH_STORAGE, *ACTIONS}
    assert all(each["min"] > 0 for each in figures["seconds"].values())
    assert figures["ratios"].keys() == {*ACTIONS}
    imported = figures["import_milliseconds"]
    assert {"google", "shared"} & imported[WITH_STORAGE].keys() == {"google"}
    assert {"google", "shared", "pydantic"} <= imported["backup"].keys()
