"""The whole story once, without a person: record, back up, destroy, restore, compare.

It ends in one JSON line, and fails unless every file comes back byte for byte as it was when the
logger ended: what it recorded after the last backup, it has pushed itself.
"""

import argparse
import hashlib
import json
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from processes import ROOT, NotStarted
from system import LocalSystem

ROWS = 100  # to be recorded before each backup
RECORDING_SECONDS = 30  # at most, for that many
POLL_SECONDS = 0.05
RECORDER = {"PRICE_SOURCES": "replay", "LOG_INTERVAL_SECONDS": "0.05", "REPLAY_SPEED": "1200"}


class Failed(Exception):
    """A step of the story did not do what it says."""


def main() -> int:
    """Tell the story; 0 if everything came back."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--provider", choices=("local", "gcs"), default="local")
    provider = parser.parse_args().provider
    for number in (signal.SIGTERM, signal.SIGHUP):  # as Ctrl-C: what was started stops
        signal.signal(number, lambda *_: sys.exit(1))
    (ROOT / ".local").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="demo-", dir=ROOT / ".local"))
    try:
        with LocalSystem(folder, provider, RECORDER) as system:
            figures = tell(system)
    except (Failed, NotStarted) as error:
        print(f"FAILED: {error}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder)
    print(json.dumps(figures))
    return 0 if figures["identical"] else 1


def tell(system: LocalSystem) -> dict[str, Any]:
    """The story, step by step; the figures that it ends in."""
    started = monotonic()
    adopt_old_folder(system.data)
    say("an old logger's folder is there; logger and function start")
    system.start()
    backups = []
    for step in ("first", "second"):
        say(f"recording until {ROWS} more rows are written ...")
        record(system.data, ROWS)
        backups.append(back_up(system))
        say(f"{step} backup: {describe(backups[-1])}")
    say(f"recording until {ROWS} more rows are written, which no backup has ...")
    record(system.data, ROWS)
    system.stop_logger()
    say("the platform stops the logger, which pushes those itself")
    original = system.lose_disk()
    say(f"the disk is wiped: {system.data.name}/ is gone")
    receipt = restore(system)
    say(f"restored {receipt['restored_files']} files, {receipt['restored_bytes']:,} bytes")
    files = backed_up_files(system)
    identical = compare(files, system.data, original)
    rows = count_rows(system.data)
    say(f"every file and all {rows:,} rows are there" if identical else "FILES DIFFER")
    return {
        "rows": rows,
        "lost_rows": count_rows(original) - rows,
        "files": len(files),
        "raw_bytes": sum(entry["size"] for entry in files),
        "backups": [
            {key: report[key] for key in ("number", "new_bytes", "wire_bytes")}
            for report in backups
        ],
        "restored_files": receipt["restored_files"],
        "identical": identical,
        "seconds": round(monotonic() - started, 1),
    }


def adopt_old_folder(data: Path) -> None:
    """A day of real prices and a state file, as an older logger may have left them."""
    (data / "old").mkdir(parents=True)
    day = ROOT / "logger_service" / "replay_data" / "20171217_btcusd_minute_trade.csv"
    shutil.copy(day, data / "old" / day.name)
    (data / "old" / "metadata.json").write_text('{"symbol": "BTC-USD", "note": "kept as it is"}\n')


def record(data: Path, rows: int) -> None:
    """Return when so many more rows are on disk than there were."""
    wanted, deadline = count_rows(data) + rows, monotonic() + RECORDING_SECONDS
    while (written := count_rows(data)) < wanted:
        if monotonic() > deadline:
            raise Failed(f"{written} rows after {RECORDING_SECONDS} s, {wanted} expected")
        sleep(POLL_SECONDS)


def count_rows(data: Path) -> int:
    """Rows that the recorder has written, headers not counted."""
    files = (data / "BTC-USD").glob("*.csv")
    return sum(max(path.read_bytes().count(b"\n") - 1, 0) for path in files)


def back_up(system: LocalSystem) -> dict[str, Any]:
    """One request of the scheduler; the function's report."""
    attempt = system.fire()
    report: dict[str, Any] = attempt["answer"]
    if attempt["status"] != 200 or report["result"] != "created":
        raise Failed(f"the function answered {attempt['status']}: {report}")
    return report


def describe(report: dict[str, Any]) -> str:
    """One line about a backup."""
    wire = report["wire_bytes"]
    return (
        f"number {report['number']}, {report['files']} files, {report['new_bytes']:,} new bytes; "
        f"{wire['data']:,} + {wire['listing']:,} (listing) went over the wire"
    )


def restore(system: LocalSystem) -> dict[str, Any]:
    """What the start step does; its receipt."""
    done = system.restore("--json")
    if done.returncode != 0:
        raise Failed(f"the restore job ended with {done.returncode}: {done.stdout}{done.stderr}")
    receipt: dict[str, Any] = json.loads(done.stdout)
    return receipt


def backed_up_files(system: LocalSystem) -> list[dict[str, Any]]:
    """The files of the newest backup, as the restore job lists them."""
    done = system.restore("--list", "--file", "*", "--json")
    listings = json.loads(done.stdout)["providers"]
    return [entry for listing in listings for entry in listing["files"]]


def compare(files: list[dict[str, Any]], restored: Path, original: Path) -> bool:
    """Whether the restored files are those of the backup, and all that the logger had."""
    found, had = data_files(restored), data_files(original)
    backed_up = {entry["path"]: entry["chunks"] for entry in files}
    # A file this small is one chunk, so its own SHA-256 is what the backup names.
    digests = {path: [hashlib.sha256(content).hexdigest()] for path, content in found.items()}
    return found == had and digests == backed_up


def data_files(folder: Path) -> dict[str, bytes]:
    """What is backed up of a data directory."""
    places = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.[cj]s*")}
    return {
        path: place.read_bytes()
        for path, place in places.items()
        if not path.startswith(".backup/")
    }


def say(text: str) -> None:
    """A line of the story."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
