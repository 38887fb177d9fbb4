"""An old logger, as people have them: flat files, none of them written with any care.

Each tick it appends to `current.csv` and writes four files anew, in place. Every eight hours of
its own clock it closes a file of them; at midnight `current.csv` starts anew. Whatever state a
file of its own has come to is noted in a journal, if one is wanted, by size and digest.
"""

import argparse
import json
import signal
import sys
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from time import sleep
from typing import TextIO

HEADER = "time,source,pair,price,volume"
CURRENT, LATEST = "current.csv", "latest.csv"
HISTORICAL, RECENT = "historical.json", "recent.json"
METADATA, INDEX = "metadata.json", "index.json"
SHIFT_HOURS = 8
ROWS_SHOWN = 60  # in the table that is written anew each tick


def row(at: datetime) -> str:
    """A row of a second, which follows from its time alone."""
    number = int(at.timestamp())
    price = 108_000 + number * 37 % 1_999 / 7
    return (
        f"{at:%Y-%m-%dT%H:%M:%S},coinbase,BTC-USD,{price:.2f},{number * 104_729 % 10**6 / 97:.4f}"
    )


class OldLogger:
    """The files of a folder, and the clock that they are written by."""

    def __init__(self, folder: Path, now: datetime, journal: TextIO | None) -> None:
        self._folder, self._now, self._journal = folder, now, journal
        self._shift: list[str] = []  # rows of the eight hours that are going on
        self._latest: deque[str] = deque(maxlen=ROWS_SHOWN)
        self._historical: list[dict[str, object]] = []
        self._recent: deque[dict[str, object]] = deque()

    def begin(self, past_days: int, history: int) -> None:
        """Go on where the folder ends, or make one of so many days; and so much to show."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if (self._folder / HISTORICAL).exists():
            self._historical = json.loads((self._folder / HISTORICAL).read_text())
        midnight = self._now.replace(hour=0, minute=0, second=0, microsecond=0)
        hours = range(-24 * past_days, 0, SHIFT_HOURS)
        for began in (midnight + timedelta(hours=hour) for hour in hours):
            rows = [row(began + timedelta(minutes=minute)) for minute in range(SHIFT_HOURS * 60)]
            if not (self._folder / _shift_name(began)).exists():
                self._close(began, rows)
        times = (self._now - timedelta(seconds=left) for left in range(history, 0, -1))
        self._recent = deque(map(_entry, times), maxlen=history)
        self._write(METADATA, json.dumps({"pair": "BTC-USD", "began": f"{self._now}"}))
        if not (self._folder / CURRENT).exists():
            self._write(CURRENT, HEADER)

    def tick(self, seconds: float) -> None:
        """One row; and whatever its time brings."""
        before, self._now = self._now, self._now + timedelta(seconds=seconds)
        if _shift_name(before) != _shift_name(self._now):
            self._close(before, self._shift)
            self._shift = []
        if before.date() != self._now.date():
            self._write(CURRENT, HEADER)
        line = row(self._now)
        self._shift.append(line)
        self._append(CURRENT, f"\n{line}")
        self._latest.append(line)
        self._write(LATEST, "\n".join([HEADER, *self._latest]) + "\n")
        self._recent.append(_entry(self._now))
        self._dump(RECENT, list(self._recent))
        files = sorted(place.name for place in self._folder.glob("*.csv"))
        self._dump(INDEX, {"updated": f"{self._now}", "files": files[-ROWS_SHOWN:]})

    def _close(self, began: datetime, rows: list[str]) -> None:
        """Write a file of eight hours, without a newline at its end, and its line of history."""
        name = _shift_name(began)
        self._write(name, "\n".join([HEADER, *rows]))
        self._historical.append({"file": name, "rows": len(rows), "last": rows[-1:]})
        self._dump(HISTORICAL, self._historical)

    def _append(self, name: str, text: str) -> None:
        with (self._folder / name).open("a") as file:
            file.write(text)
        self._note(name, (self._folder / name).read_bytes())

    def _write(self, name: str, text: str) -> None:
        self._in_place(name, lambda file: file.write(text))

    def _dump(self, name: str, content: object) -> None:
        self._in_place(name, lambda file: json.dump(content, file))

    def _in_place(self, name: str, write: Callable[[TextIO], object]) -> None:
        with (self._folder / name).open("w") as file:
            write(file)
        self._note(name, (self._folder / name).read_bytes())

    def _note(self, name: str, content: bytes) -> None:
        if self._journal:
            self._journal.write(f"{name} {len(content)} {sha256(content).hexdigest()}\n")


def _entry(at: datetime) -> dict[str, object]:
    time, *_, price, volume = row(at).split(",")
    return {"time": time, "price": price, "volume": volume}


def _shift_name(at: datetime) -> str:
    return f"{at:%Y-%m-%d}_{at.hour // SHIFT_HOURS * SHIFT_HOURS:02}.csv"


def main() -> int:
    """Log until SIGTERM, and end after the tick that is going on."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pace", type=float, default=1.0, help="seconds between two ticks")
    parser.add_argument("--hurry", type=Path, help="a file; while it is there the clock hurries")
    parser.add_argument("--hurried-step", type=float, default=1.0, help="seconds by its own clock")
    parser.add_argument("--now", type=datetime.fromisoformat, default=None)
    parser.add_argument("--past-days", type=int, default=0, help="that it finds if there are none")
    parser.add_argument("--history", type=int, default=600, help=f"entries of {RECENT}")
    parser.add_argument("--journal", type=Path, default=None)
    options = parser.parse_args()
    ended: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: ended.append(number))
    journal = options.journal.open("a", buffering=1) if options.journal else None
    logger = OldLogger(options.folder, options.now or datetime.now(), journal)  # noqa: DTZ005  it is old
    logger.begin(options.past_days, options.history)
    logger.tick(0)
    print("logging", flush=True)  # noqa: T201  its only word
    while not ended:
        sleep(options.pace)
        hurries = options.hurry and options.hurry.exists()
        logger.tick(options.hurried_step if hurries else 1.0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
