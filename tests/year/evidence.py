"""What a simulated year leaves on the disk, read by nobody but a reader of CSV files."""

import csv
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Evidence:
    """What all the price files hold together."""

    files: int = 0
    rows: Counter[str] = field(default_factory=Counter)  # by instance
    flags: Counter[str] = field(default_factory=Counter)  # rows that have it, by name
    twice: int = 0  # rows that share time and source with another one
    bad_lines: int = 0  # that are no row
    torn: int = 0  # files whose last line has no end: their process was killed within it


def read(data_dir: Path) -> Evidence:
    """Read a data directory, a day at a time: rows of one day lie in one day's files."""
    found = Evidence()
    for day in sorted({place.name.split(".")[0] for place in data_dir.rglob("*.csv")}):
        seen: set[tuple[str, str]] = set()
        for place in sorted(data_dir.rglob(f"{day}.*.csv")):
            found.files += 1
            _read_file(place, seen, found)
    return found


def _read_file(place: Path, seen: set[tuple[str, str]], found: Evidence) -> None:
    _, instance, _ = place.name.split(".")
    text = place.read_bytes().decode("ascii")
    whole, _, torn = text.rpartition("\n")
    found.torn += bool(torn)
    header, *rows = csv.reader(whole.splitlines()) if whole else [[]]
    for row in rows:
        found.rows[instance] += 1
        found.bad_lines += len(row) != len(header)
        cells = dict(zip(header, row, strict=False))
        key = cells["ts_utc"], cells["source"]
        found.twice += key in seen
        seen.add(key)
        found.flags.update(cells["flags"].split("|") if cells["flags"] else ())
