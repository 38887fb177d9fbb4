"""Whether the recorder keeps its beat while a lot is pulled, pushed and restored beside it.

The rows tell: each second of each step has to have one, and how late it is stands in its time. A
step without any work gives the lateness to compare with. It ends in one JSON line, and fails when
a tick is missing.
"""

import argparse
import json
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from time import monotonic, sleep, time

if __name__ == "__main__":  # started as a script, Python looks in this folder alone
    _ROOT = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(_ROOT / "tests"), str(_ROOT / "deploy" / "local")]

from benchmarks import price_history
from benchmarks.measured_steps import Failed, Figures, say
from benchmarks.memory import HISTORY, digests, make_history
from processes import ROOT, NotStarted
from system import LocalSystem

IDLE_SECONDS = 10
STEP_SECONDS = 600  # that any step may take at most
POLL_SECONDS = 0.1
SETTINGS = {
    "PRICE_SOURCES": "replay",
    "LOG_INTERVAL_SECONDS": "1",
    "CALL_TIMEOUT_SECONDS": "3600",
    "RESTORE_TIMEOUT_SECONDS": "1",  # so that the running logger brings nearly all of it
    "CATCH_UP_SECONDS": "1",
    "BACKUP_INTERVAL_MINUTES": "0.05",  # so that it pushes three seconds after its start
}


def main() -> int:
    """Measure; 0 if no tick was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=price_history.parse_size, default="1g", metavar="SIZE")
    size = parser.parse_args().size
    for number in (signal.SIGTERM, signal.SIGHUP):  # as Ctrl-C: what was started stops
        signal.signal(number, lambda *_: sys.exit(1))
    local = ROOT / ".local"
    local.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="ticks-", dir=local))
    try:
        with LocalSystem(folder, "gcs", SETTINGS) as system:
            figures = measure(system, size)
    except (Failed, NotStarted) as error:
        print(f"FAILED: {error}", file=sys.stderr)  # noqa: T201  as `say` for what went wrong
        return 1
    finally:
        shutil.rmtree(folder)
    say(json.dumps(figures))
    return 1 if figures["missed"] or not figures["identical"] else 0


def measure(system: LocalSystem, size: int) -> Figures:
    """Each step beside the recorder; what became of its ticks."""
    started = monotonic()
    history, original = system.data / HISTORY, system.folder / "original"
    say(f"making {size:,} bytes of history ...")
    make_history(history, size)
    system.start()
    steps = {
        "push": _beside(system, "the logger pushes all of it", lambda: _await_push(system)),
        "pull": _beside(system, "the function pulls all of it", lambda: _pull(system)),
    }
    system.stop_logger()
    history.rename(original)
    shutil.rmtree(system.data)
    shutil.rmtree(system.folder / "backups")
    system.restore()
    system.start_logger()
    steps["restore"] = _beside(
        system, "the logger brings all of it back", lambda: _await_history(history, original)
    )
    steps["idle"] = _beside(system, "nothing else", lambda: sleep(IDLE_SECONDS))
    return {
        "size": size,
        "steps": steps,
        "missed": sum(step["missed"] for step in steps.values()),
        "identical": digests(history) == digests(original),
        "seconds": round(monotonic() - started, 1),
    }


def _beside(system: LocalSystem, what: str, work: Callable[[], object]) -> Figures:
    """Do the work, and look at the ticks of its seconds."""
    began = time()
    work()
    ended = time()
    _until(lambda: max(_times(system), default=0) > ended, "the recorder has stopped")
    figures = judge(_times(system), began, ended)
    say(f"{what}: {figures}")
    return {**figures, "seconds": round(ended - began, 1)}


def judge(times: list[float], began: float, ended: float) -> Figures:
    """Of the whole seconds in between: how many had a row, and how late the rows were."""
    due = range(int(began) + 1, int(ended))
    late = {int(at): at % 1 for at in times}
    missed = [second for second in due if second not in late]
    latest = max((late[second] for second in due if second in late), default=0)
    return {"ticks": len(due), "missed": len(missed), "latest_seconds": round(latest, 3)}


def _times(system: LocalSystem) -> list[float]:
    """When each row of the price files was received, in seconds since 1970."""
    rows = (
        line
        for place in (system.data / "BTC-USD").glob("*.csv")
        for line in place.read_text().rpartition("\n")[0].splitlines()[1:]
    )
    return [datetime.fromisoformat(row.partition(",")[0]).timestamp() for row in rows]


def _pull(system: LocalSystem) -> None:
    attempt = system.fire()
    if attempt["status"] != 200 or attempt["answer"]["result"] != "created":
        raise Failed(f"the function answered {attempt['status']}: {attempt['answer']}")


def _await_push(system: LocalSystem) -> None:
    made = system.folder / "backups" / "btc-logger" / "backups"
    _until(lambda: any(made.glob("*.json")), "there is no local backup")


def _await_history(history: Path, original: Path) -> None:
    wanted = _sizes(original)
    _until(lambda: _sizes(history) == wanted, "the history is not whole")


def _sizes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in folder.glob("*")}


def _until(holds: Callable[[], bool], fault: str) -> None:
    deadline = monotonic() + STEP_SECONDS
    while not holds():
        if monotonic() > deadline:
            raise Failed(f"{fault} after {STEP_SECONDS} s")
        sleep(POLL_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
