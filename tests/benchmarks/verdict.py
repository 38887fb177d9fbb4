"""The frame of a measurement: a folder of its own, a JSON line at its end, and an exit code."""

import json
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.measured_steps import Failed, Figures, say
from processes import ROOT, NotStarted


def judge(
    name: str, measure: Callable[[Path], Figures], shortfalls: Callable[[Figures], list[str]]
) -> int:
    """Measure in a folder that is gone afterwards; 0 if the figures fall short of nothing."""
    for number in (signal.SIGTERM, signal.SIGHUP):  # as Ctrl-C: what was started stops
        signal.signal(number, lambda *_: sys.exit(1))
    (ROOT / ".local").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=ROOT / ".local"))
    try:
        figures = measure(folder)
    except (Failed, NotStarted) as error:
        _fail(error)
        return 1
    finally:
        shutil.rmtree(folder)
    faults = shortfalls(figures)
    for fault in faults:
        _fail(fault)
    say(json.dumps({**figures, "simulated": ["Cloud Storage"]}))
    return 1 if faults else 0


def _fail(fault: object) -> None:
    print(f"FAILED: {fault}", file=sys.stderr)  # noqa: T201  as `say` for what went wrong
